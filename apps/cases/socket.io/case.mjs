export default {
  title: 'socket.io by WebSocket',
  group: 'Real time',
  packages: ['socket.io', 'socket.io-client'],
  quick: true,
  ask: ({ port, require }) => {
    const { io } = require('socket.io-client');
    const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true, reconnection: false });
    return new Promise((resolve, reject) => {
      socket.on('connect_error', reject);
      socket.timeout(10_000).emit('hello', 'world', (error, answer) => (error ? reject(error) : resolve(answer)));
    }).finally(() => socket.close());
  },
};
