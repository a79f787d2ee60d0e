export default {
  title: 'pino with pino-pretty as its transport (a thread)',
  group: 'Logging and measuring',
  packages: ['pino', 'pino-pretty', 'express'],
};
