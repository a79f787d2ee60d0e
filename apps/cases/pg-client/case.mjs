export default {
  title: 'pg, a Client connected before it listens',
  group: 'PostgreSQL',
  packages: ['pg'],
  servers: ['postgres'],
};
