export default {
  title: 'Sentry, required first by a CommonJS app',
  group: 'Logging and measuring',
  packages: ['@sentry/node', 'express'],
  script: 'app.cjs',
};
