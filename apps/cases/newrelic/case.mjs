export default {
  title: 'newrelic, whose collector is missing',
  group: 'Logging and measuring',
  packages: ['newrelic', 'express'],
  script: 'app.cjs',
  env: {
    NEW_RELIC_APP_NAME: 'app',
    NEW_RELIC_LICENSE_KEY: '0123456789012345678901234567890123456789',
    NEW_RELIC_HOST: '127.0.0.1',
    NEW_RELIC_PORT: '1',
    NEW_RELIC_LOG_ENABLED: 'false',
    NEW_RELIC_NO_CONFIG_FILE: 'true',
  },
};
