import websocket from '@fastify/websocket';
import Fastify from 'fastify';

const fastify = Fastify();
await fastify.register(websocket);
fastify.get('/hello', { websocket: true }, (socket) => {
  socket.on('message', (message) => socket.send(`${message} from ${process.pid}`));
});
await fastify.listen({ port: process.env.PORT });
