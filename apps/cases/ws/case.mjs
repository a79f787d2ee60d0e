export default {
  title: 'ws',
  group: 'Real time',
  packages: ['ws'],
  quick: true,
  ask: ({ port, require }) => {
    const WebSocket = require('ws');
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    const messages = [];
    return new Promise((resolve, reject) => {
      socket.on('error', reject);
      socket.on('open', () => socket.send('something'));
      socket.on('message', (data) => {
        messages.push(String(data));
        if (messages.length === 2) socket.close();
      });
      socket.on('close', (code) => resolve({ messages, code }));
    });
  },
};
