export default {
  title: 'fastify with its logger and a schema',
  group: 'Web frameworks',
  packages: ['fastify'],
  quick: true,
  ask: async ({ get, post }) => [
    await get('/'),
    await get('/missing'),
    await post('/sum', { a: 1, b: 2 }),
    await post('/sum', { a: 'x' }),
  ],
};
