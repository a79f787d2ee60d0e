export default {
  title: 'koa with its router',
  group: 'Web frameworks',
  packages: ['koa', '@koa/router'],
  ask: async ({ get }) => [await get('/'), await get('/users/7'), await get('/missing')],
};
