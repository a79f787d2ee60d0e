export default {
  title: '@godaddy/terminus',
  group: 'Orderly ends',
  packages: ['@godaddy/terminus'],
  ask: async ({ get }) => [await get('/'), await get('/healthcheck')],
};
