import express from 'express';
import { Redis } from 'ioredis';

const redis = new Redis(process.env.REDIS_URL);
redis.on('error', (error) => console.error(error.message));

const app = express();
app.get('/', async (_request, response) => {
  await redis.set('mykey', 'value');
  response.json({ value: await redis.get('mykey'), pid: process.pid });
});
app.listen(process.env.PORT);
