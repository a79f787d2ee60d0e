export default {
  title: 'pg-promise, a connection tried before it listens',
  group: 'PostgreSQL',
  packages: ['pg-promise', 'polka'],
  servers: ['postgres'],
  script: 'app.cjs',
};
