import { createServer } from 'node:http';
import { Worker } from 'node:worker_threads';
import * as Comlink from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';

const database = Comlink.wrap(nodeEndpoint(new Worker(new URL('./worker.mjs', import.meta.url))));
const tables = await database.countTables();

createServer(async (_request, response) => {
  const message = await database.say('Hello world!');
  response.end(JSON.stringify({ message, isLoaded: tables > 0, pid: process.pid }));
}).listen(process.env.PORT);
