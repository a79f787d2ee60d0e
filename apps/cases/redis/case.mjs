export default {
  title: 'redis, connected before it listens',
  group: 'Redis',
  packages: ['redis', 'koa'],
  servers: ['redis'],
};
