export default {
  title: 'fastify with postgres, redis, rate-limit and under-pressure',
  group: 'Web frameworks',
  packages: ['@fastify/postgres', '@fastify/redis', '@fastify/rate-limit', '@fastify/under-pressure', 'fastify', 'pg'],
  servers: ['postgres', 'redis'],
  ask: async ({ get }) => [(await get('/')).body, (await get('/status')).body],
};
