export default {
  title: 'Sentry, imported before an ESM app',
  group: 'Logging and measuring',
  packages: ['@sentry/node', 'express'],
  nodeArgs: ['--import', './instrument.mjs'],
};
