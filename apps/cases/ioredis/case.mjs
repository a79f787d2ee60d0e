export default {
  title: 'ioredis',
  group: 'Redis',
  packages: ['ioredis', 'express'],
  servers: ['redis'],
  quick: true,
};
