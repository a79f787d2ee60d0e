export default {
  title: 'socket.io with its Redis adapter',
  group: 'Real time',
  packages: ['socket.io', '@socket.io/redis-adapter', 'redis'],
  servers: ['redis'],
  // Two clients, perhaps of two workers: what one sends, the other gets.
  ask: async ({ port, require }) => {
    const { io } = require('socket.io-client');
    const options = { transports: ['websocket'], forceNew: true, reconnection: false };
    const clients = [1, 2].map(() => io(`http://127.0.0.1:${port}`, options));
    try {
      const [sender, receiver] = clients;
      const pids = await Promise.all(clients.map(hello));
      const heard = new Promise((resolve) => receiver.on('news', resolve));
      sender.emit('tell all', 'something new');
      return { pids, heard: await Promise.race([heard, late()]) };
    } finally {
      for (const client of clients) client.close();
    }
  },
};

function hello(client) {
  return new Promise((resolve, reject) => {
    client.on('connect_error', reject);
    client.timeout(10_000).emit('hello', (error, pid) => (error ? reject(error) : resolve(pid)));
  });
}

function late() {
  return new Promise((_resolve, reject) => setTimeout(reject, 5_000, new Error('nothing was heard')).unref());
}
