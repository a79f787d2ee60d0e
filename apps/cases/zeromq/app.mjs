import express from 'express';
import zmq from 'zeromq';

const push = new zmq.Push();
const pull = new zmq.Pull();
await push.bind('inproc://work');
pull.connect('inproc://work');

const app = express();
app.get('/', async (_request, response) => {
  await push.send('some work');
  const [message] = await pull.receive();
  response.json({ message: message.toString(), pid: process.pid });
});
app.listen(process.env.PORT);
