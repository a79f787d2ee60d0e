export default {
  title: 'dd-trace, as hooks of an ESM app (a thread)',
  group: 'Logging and measuring',
  packages: ['dd-trace', 'express'],
  nodeArgs: ['--import', 'dd-trace/initialize.mjs'],
  env: { DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false', DD_REMOTE_CONFIGURATION_ENABLED: 'false' },
};
