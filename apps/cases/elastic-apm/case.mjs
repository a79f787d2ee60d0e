export default {
  title: 'elastic-apm-node, whose server is missing',
  group: 'Logging and measuring',
  packages: ['elastic-apm-node', 'express'],
  script: 'app.cjs',
};
