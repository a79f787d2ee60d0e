export default {
  title: 'log4js, bunyan and winston to files that rotate',
  group: 'Logging and measuring',
  packages: ['log4js', 'bunyan', 'winston', 'winston-daily-rotate-file'],
};
