export default {
  title: 'bull, a queue and its processor in one app',
  group: 'Redis',
  packages: ['bull'],
  servers: ['redis'],
  script: 'app.cjs',
};
