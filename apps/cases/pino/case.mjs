export default {
  title: 'pino with pino-http',
  group: 'Logging and measuring',
  packages: ['pino', 'pino-http', 'express'],
  quick: true,
};
