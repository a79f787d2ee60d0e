import postgres from '@fastify/postgres';
import rateLimit from '@fastify/rate-limit';
import redis from '@fastify/redis';
import underPressure from '@fastify/under-pressure';
import Fastify from 'fastify';

const fastify = Fastify();
await fastify.register(postgres, { connectionString: process.env.DATABASE_URL });
await fastify.register(redis, { url: process.env.REDIS_URL, closeClient: true });
await fastify.register(rateLimit, { max: 100_000, timeWindow: '1 minute', redis: fastify.redis, addHeaders: {} });
await fastify.register(underPressure, { maxEventLoopDelay: 5000, exposeStatusRoute: true });
fastify.get('/', async () => {
  const { rows } = await fastify.pg.query('SELECT 1 AS one');
  await fastify.redis.set('name', 'fastify');
  return { one: rows[0].one, name: await fastify.redis.get('name'), pid: process.pid };
});
await fastify.listen({ port: process.env.PORT });
