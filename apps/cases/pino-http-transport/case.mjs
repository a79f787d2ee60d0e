export default {
  title: 'pino with a transport that sends lines by HTTP (a thread)',
  group: 'Logging and measuring',
  packages: ['pino', 'pino-abstract-transport', 'express'],
  servers: ['web'],
};
