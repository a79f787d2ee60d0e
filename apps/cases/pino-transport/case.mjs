export default {
  title: 'pino with transports (threads)',
  group: 'Logging and measuring',
  packages: ['pino', 'express'],
  quick: true,
};
