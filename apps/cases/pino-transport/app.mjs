import { readFileSync } from 'node:fs';
import express from 'express';
import pino from 'pino';

const destination = `${process.env.DATA}/app.log`;
const transport = pino.transport({
  targets: [
    { target: 'pino/file', options: { destination } },
    { target: 'pino/file', level: 'error' },
  ],
});
const logger = pino(transport);
logger.info('the app starts');

const app = express();
app.get('/', async (_request, response) => {
  const mark = `request ${Math.random()}`;
  logger.info(mark);
  // The line is written by the thread.
  const deadline = Date.now() + 5_000;
  while (!written().includes(mark) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
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
