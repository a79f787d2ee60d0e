export default {
  title: 'fastify with pino-pretty (a thread)',
  group: 'Logging and measuring',
  packages: ['fastify', 'pino-pretty'],
};
