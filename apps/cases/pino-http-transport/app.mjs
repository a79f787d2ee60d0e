import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import pino from 'pino';

const url = process.env.LOG_URL;
const target = new URL('./transport.mjs', import.meta.url).href;
const logger = pino({ transport: { target, options: { url } } });
logger.info('the app starts');

const app = express();
app.get('/', async (_request, response) => {
  const mark = `request ${Math.random()}`;
  logger.info(mark);
  // The line is sent by the thread.
  const deadline = Date.now() + 5_000;
  while (!(await sent()).includes(mark) && Date.now() < deadline) await sleep(10);
  response.json({ sent: (await sent()).includes(mark), pid: process.pid });
});
app.listen(process.env.PORT);

async function sent() {
  const response = await fetch(url);
  return response.text();
}
