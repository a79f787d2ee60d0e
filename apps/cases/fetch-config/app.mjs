import Fastify from 'fastify';

const config = await (await fetch(process.env.CONFIG_URL)).json();

const fastify = Fastify();
fastify.get('/', async () => ({ greeting: config.greeting, pid: process.pid }));
await fastify.listen({ port: process.env.PORT });
