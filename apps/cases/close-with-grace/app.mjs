import closeWithGrace from 'close-with-grace';
import Fastify from 'fastify';

const fastify = Fastify();
closeWithGrace({ delay: 1000 }, async ({ err }) => {
  if (err) console.error(err);
  await fastify.close();
});
fastify.get('/', async () => ({ pid: process.pid }));
await fastify.listen({ port: process.env.PORT });
