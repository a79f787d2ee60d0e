import { createServer } from 'node:http';
import { Server } from 'socket.io';

const httpServer = createServer();
const io = new Server(httpServer);
io.on('connection', (socket) => {
  socket.on('hello', (name, callback) => callback({ hello: name, pid: process.pid }));
});
httpServer.listen(process.env.PORT);
