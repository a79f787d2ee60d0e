export default {
  title: 'winston to a file and the console',
  group: 'Logging and measuring',
  packages: ['winston', 'express'],
  script: 'app.cjs',
  quick: true,
};
