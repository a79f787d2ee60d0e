export default {
  title: 'pino with a slow transport of its own (a thread)',
  group: 'Logging and measuring',
  packages: ['pino', 'pino-abstract-transport', 'express'],
};
