export default {
  title: 'OpenTelemetry, required before a CommonJS app',
  group: 'Logging and measuring',
  packages: ['@opentelemetry/sdk-node', '@opentelemetry/auto-instrumentations-node', 'express'],
  nodeArgs: ['--require', './instrumentation.cjs'],
  script: 'app.cjs',
  ask: async ({ get }) => [await get('/'), await get('/spans')],
};
