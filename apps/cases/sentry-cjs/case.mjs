export default {
  title: 'Sentry, required first by a CommonJS app',
  group: 'Logging and measuring',
  packages: ['@sentry/node', 'express'],
  // Before Node 24 it registers hooks for import, which are a thread.
  waitsFor: (major) => (major < 24 ? 'workers' : undefined),
  meanwhile: { outcome: 'fails', message: /cannot copy a running Worker/ },
  script: 'app.cjs',
};
