import { createServer } from 'node:http';
import Redis from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';

const client = new Redis(process.env.REDIS_URL);
client.on('error', (error) => console.error(error.message));
const limiter = new RateLimiterRedis({ storeClient: client, points: 1_000_000, duration: 60 });
createServer(async (request, response) => {
  const { consumedPoints } = await limiter.consume(request.socket.remoteAddress);
  response.end(JSON.stringify({ counted: consumedPoints > 0, pid: process.pid }));
}).listen(process.env.PORT);
