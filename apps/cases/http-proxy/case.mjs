export default {
  title: 'http-proxy',
  group: 'HTTP clients',
  packages: ['http-proxy'],
  servers: ['web'],
  script: 'app.cjs',
  ask: async ({ get }) => [await get('/config.json'), await get('/pid')],
};
