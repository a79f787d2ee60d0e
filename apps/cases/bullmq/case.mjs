export default {
  title: 'bullmq, a queue and its worker in one app',
  group: 'Redis',
  packages: ['bullmq', 'express'],
  quick: true,
  servers: ['redis'],
  // Any worker may do the job; the one that answers is told apart by its own header.
  ask: async ({ get }) => [await get('/'), await get('/pid')],
};
