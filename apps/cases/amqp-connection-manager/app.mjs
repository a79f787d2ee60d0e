import { createServer } from 'node:http';
import { connect } from 'amqp-connection-manager';

const connection = connect([process.env.AMQP_URL], { reconnectTimeInSeconds: 1 });
connection.on('connectFailed', ({ err }) => console.error(err.message));
const channel = connection.createChannel({
  json: true,
  setup: (channel) => channel.assertQueue('greetings', { durable: false }),
});
await channel.waitForConnect();
createServer(async (_request, response) => {
  await channel.sendToQueue('greetings', { hello: 'rabbit' });
  response.end(JSON.stringify({ sent: true, pid: process.pid }));
}).listen(process.env.PORT);
