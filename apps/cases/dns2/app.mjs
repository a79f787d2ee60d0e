import { createServer } from 'node:http';
import dns2 from 'dns2';

const { Packet } = dns2;
const server = dns2.createServer({
  // By REUSE_ADDRESS, two processes may bind the same port.
  udp: process.env.REUSE_ADDRESS ? { type: { type: 'udp4', reuseAddr: true } } : true,
  handle: (request, send) => {
    const response = Packet.createResponseFromRequest(request);
    const [{ name }] = request.questions;
    response.answers.push({ name, type: Packet.TYPE.A, class: Packet.CLASS.IN, ttl: 3, address: '192.0.2.1' });
    send(response);
  },
});
await server.listen({ udp: { port: Number(process.env.PORT), address: '127.0.0.1' } });
createServer((_request, response) => response.end(JSON.stringify({ pid: process.pid }))).listen(process.env.PORT);
