export default {
  title: 'pg-boss, started before it listens',
  group: 'PostgreSQL',
  packages: ['pg-boss', 'express'],
  servers: ['postgres'],
  // Any worker may do the job.
  ask: async ({ get }) => [await get('/'), await get('/pid')],
};
