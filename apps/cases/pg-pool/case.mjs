export default {
  title: 'pg, a Pool',
  group: 'PostgreSQL',
  packages: ['pg', 'express'],
  servers: ['postgres'],
  quick: true,
};
