import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import pino from 'pino';

const destination = `${process.env.DATA}/app.log`;
const logger = pino({ transport: { target: 'pino-pretty', options: { destination, colorize: false } } });
logger.info('the app starts');

const app = express();
app.get('/', async (_request, response) => {
  const mark = `request ${Math.random()}`;
  logger.info(mark);
  // The line is written by the thread.
  const deadline = Date.now() + 5_000;
  while (!written().includes(`INFO (${process.pid}): ${mark}`) && Date.now() < deadline) await sleep(10);
  response.json({ written: written().includes(mark), pid: process.pid });
});
app.listen(process.env.PORT);

function written() {
  try {
    return readFileSync(destination, 'utf8');
  } catch {
    return '';
  }
}
