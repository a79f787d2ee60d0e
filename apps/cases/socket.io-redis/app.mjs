import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';

const pubClient = createClient({ url: process.env.REDIS_URL });
const subClient = pubClient.duplicate();
for (const client of [pubClient, subClient]) client.on('error', (error) => console.error(error.message));
await Promise.all([pubClient.connect(), subClient.connect()]);

const httpServer = createServer();
const io = new Server(httpServer, { adapter: createAdapter(pubClient, subClient) });
io.on('connection', (socket) => {
  socket.on('hello', (callback) => callback(process.pid));
  socket.on('tell all', (text) => io.emit('news', text));
});
httpServer.listen(process.env.PORT);
