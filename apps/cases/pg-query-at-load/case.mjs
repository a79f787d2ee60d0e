export default {
  title: 'pg, a query before it listens',
  group: 'PostgreSQL',
  packages: ['pg', 'express'],
  servers: ['postgres'],
  quick: true,
};
