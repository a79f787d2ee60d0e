export default {
  title: 'hapi',
  group: 'Web frameworks',
  packages: ['@hapi/hapi'],
  script: 'app.cjs',
  ask: async ({ get }) => [await get('/'), await get('/hello/ada'), await get('/missing')],
};
