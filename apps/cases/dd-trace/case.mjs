export default {
  title: 'dd-trace, required before a CommonJS app',
  group: 'Logging and measuring',
  packages: ['dd-trace', 'express'],
  nodeArgs: ['--require', 'dd-trace/init'],
  env: { DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false', DD_REMOTE_CONFIGURATION_ENABLED: 'false' },
  script: 'app.cjs',
};
