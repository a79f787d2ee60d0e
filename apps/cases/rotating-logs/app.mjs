import { createServer } from 'node:http';
import { join } from 'node:path';
import bunyan from 'bunyan';
import log4js from 'log4js';
import winston from 'winston';
import DailyRotateFile from 'winston-daily-rotate-file';

const folder = process.env.DATA;
log4js.configure({
  appenders: { file: { type: 'file', filename: join(folder, 'log4js.log'), maxLogSize: 1_000_000, backups: 2 } },
  categories: { default: { appenders: ['file'], level: 'info' } },
});
const loggers = [
  log4js.getLogger(),
  bunyan.createLogger({ name: 'app', streams: [{ type: 'rotating-file', path: join(folder, 'bunyan.log') }] }),
  winston.createLogger({ transports: [new DailyRotateFile({ dirname: folder, filename: 'winston-%DATE%.log' })] }),
];
for (const logger of loggers) logger.info('starts');
createServer((_request, response) => {
  for (const logger of loggers) logger.info('request');
  response.end(JSON.stringify({ pid: process.pid }));
}).listen(process.env.PORT);
