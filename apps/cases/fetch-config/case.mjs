export default {
  title: 'fetch, a configuration before it listens',
  group: 'HTTP clients',
  packages: ['fastify'],
  servers: ['web'],
  quick: true,
};
