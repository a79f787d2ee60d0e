import express from 'express';
import { open } from 'lmdb';

const myStore = open({ path: `${process.env.DATA}/my-store`, compression: true });
await myStore.put('greeting', { someText: 'Hello, World!' });

const app = express();
app.get('/', async (_request, response) => {
  await myStore.put('asked', true);
  response.json({ text: myStore.get('greeting').someText, asked: myStore.get('asked'), pid: process.pid });
});
app.listen(process.env.PORT);
