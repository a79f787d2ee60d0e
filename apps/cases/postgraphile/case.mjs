export default {
  title: 'PostGraphile 4, which reads the schema when it is made',
  group: 'PostgreSQL',
  packages: ['postgraphile'],
  servers: ['postgres'],
  script: 'app.cjs',
  ask: async ({ get, post }) => [await get('/pid'), await post('/graphql', { query: '{ __typename }' })],
};
