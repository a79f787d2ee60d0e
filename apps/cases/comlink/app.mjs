import { Worker } from 'node:worker_threads';
import * as Comlink from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import express from 'express';

const worker = new Worker(new URL('./worker.mjs', import.meta.url));
const api = Comlink.wrap(nodeEndpoint(worker));

const app = express();
app.get('/', async (_request, response) => {
  response.json({ doubled: await api.double(21), pid: process.pid });
});
app.listen(process.env.PORT);
