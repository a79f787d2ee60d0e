const { readFile } = require('node:fs/promises');
const express = require('express');
const winston = require('winston');

const filename = `${process.env.DATA}/combined.log`;
const logger = winston.createLogger({
  level: 'info',
  format: winston.format.json(),
  defaultMeta: { service: 'user-service' },
  transports: [
    new winston.transports.File({ filename }),
    new winston.transports.Console({ format: winston.format.simple() }),
  ],
});
logger.info('the app starts');

const app = express();
app.get('/', async (_request, response) => {
  const mark = `request ${Math.random()}`;
  logger.info(mark);
  let written = '';
  const deadline = Date.now() + 5_000;
  while (!written.includes(mark) && Date.now() < deadline) written = await readFile(filename, 'utf8').catch(() => '');
  response.json({ written: written.includes(mark), pid: process.pid });
});
app.listen(process.env.PORT);
