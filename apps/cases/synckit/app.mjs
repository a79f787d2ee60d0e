import express from 'express';
import { createSyncFn } from 'synckit';

const read = createSyncFn(new URL('./worker.mjs', import.meta.url));
const name = read('name');

const app = express();
app.get('/', (_request, response) => {
  response.json({ name, version: read('version'), pid: process.pid });
});
app.listen(process.env.PORT);
