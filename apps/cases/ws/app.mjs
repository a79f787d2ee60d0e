import { WebSocketServer } from 'ws';

const wss = new WebSocketServer({ port: process.env.PORT });
wss.on('connection', (ws) => {
  ws.on('error', console.error);
  ws.on('message', (data) => ws.send(`received: ${data}`));
  ws.send(`from ${process.pid}`);
});
