import Fastify from 'fastify';

const fastify = Fastify({ logger: { transport: { target: 'pino-pretty', options: { translateTime: 'HH:MM:ss Z' } } } });
fastify.get('/', async (request) => {
  request.log.info('something');
  return { pid: process.pid };
});
await fastify.listen({ port: process.env.PORT });
