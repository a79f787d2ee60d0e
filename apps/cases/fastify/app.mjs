import Fastify from 'fastify';

const fastify = Fastify({ logger: true });
fastify.get('/', async () => ({ hello: 'world', pid: process.pid }));
fastify.post(
  '/sum',
  {
    schema: {
      body: {
        type: 'object',
        required: ['a', 'b'],
        properties: { a: { type: 'number' }, b: { type: 'number' } },
      },
    },
  },
  async ({ body }) => ({ sum: body.a + body.b }),
);

try {
  await fastify.listen({ port: process.env.PORT });
} catch (error) {
  fastify.log.error(error);
  process.exit(1);
}
