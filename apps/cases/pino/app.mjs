import express from 'express';
import pino from 'pino';
import pinoHttp from 'pino-http';

const logger = pino();
logger.info('hello world');

const app = express();
app.use(pinoHttp({ logger }));
app.get('/', (request, response) => {
  request.log.info('something');
  response.json({ pid: process.pid });
});
app.listen(process.env.PORT);
