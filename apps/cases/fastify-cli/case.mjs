export default {
  title: 'fastify-cli',
  group: 'Web frameworks',
  packages: ['fastify-cli', 'fastify'],
  script: '../../node_modules/fastify-cli/cli.js',
  args: ['start', '-p', '$PORT', '-l', 'info', 'app.cjs'],
};
