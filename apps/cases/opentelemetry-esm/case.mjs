export default {
  title: 'OpenTelemetry, as hooks of an ESM app (a thread)',
  group: 'Logging and measuring',
  packages: ['@opentelemetry/sdk-node', '@opentelemetry/auto-instrumentations-node', 'express'],
  nodeArgs: ['--import', './instrumentation.mjs'],
};
