export default {
  title: 'rate-limiter-flexible with ioredis',
  group: 'Redis',
  packages: ['rate-limiter-flexible', 'ioredis'],
  servers: ['redis'],
};
