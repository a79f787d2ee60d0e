export default {
  title: 'graphile-worker, migrated and started before it listens',
  group: 'PostgreSQL',
  packages: ['graphile-worker'],
  servers: ['postgres'],
};
