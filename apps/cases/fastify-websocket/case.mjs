export default {
  title: '@fastify/websocket',
  group: 'Real time',
  packages: ['@fastify/websocket', 'fastify'],
  ask: ({ port, require }) => {
    const WebSocket = require('ws');
    const socket = new WebSocket(`ws://127.0.0.1:${port}/hello`);
    return new Promise((resolve, reject) => {
      socket.on('error', reject);
      socket.on('open', () => socket.send('hi'));
      socket.on('message', (data) => resolve(String(data)));
    }).finally(() => socket.terminate());
  },
};
