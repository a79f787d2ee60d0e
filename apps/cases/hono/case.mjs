export default {
  title: 'hono on Node',
  group: 'Web frameworks',
  packages: ['hono', '@hono/node-server'],
  ask: async ({ get }) => [await get('/'), await get('/posts/7'), await get('/missing')],
};
