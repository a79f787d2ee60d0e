export default {
  title: 'postgres (Postgres.js), a query before it listens',
  group: 'PostgreSQL',
  packages: ['postgres', 'hono', '@hono/node-server'],
  servers: ['postgres'],
};
