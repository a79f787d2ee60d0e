export default {
  title: 'workerpool, used before it listens',
  group: 'Threads of the app',
  packages: ['workerpool', 'express'],
  script: 'app.cjs',
};
