export default {
  title: 'keyv on Redis, a key set before it listens',
  group: 'Redis',
  packages: ['keyv', '@keyv/redis'],
  servers: ['redis'],
};
