import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import pino from 'pino';

const destination = `${process.env.DATA}/app.log`;
const target = new URL('./transport.mjs', import.meta.url).href;
const logger = pino({ transport: { target, options: { destination } } });
for (let i = 1; i <= 10; i++) logger.info(`the app starts, ${i}`);

const app = express();
app.get('/', async (_request, response) => {
  const mark = `request ${Math.random()}`;
  logger.info(mark);
  // The line is written by the thread.
  const deadline = Date.now() + 10_000;
  while (!lines().includes(mark) && Date.now() < deadline) await sleep(10);
  response.json({ written: lines().includes(mark), pid: process.pid });
});
app.listen(process.env.PORT);

function lines() {
  try {
    return readFileSync(destination, 'utf8').trimEnd().split('\n');
  } catch {
    return [];
  }
}
