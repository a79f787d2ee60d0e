export default {
  title: 'bree, a job in a thread',
  group: 'Threads of the app',
  packages: ['bree', 'express'],
  script: 'app.cjs',
  allowed: [/^a timer of \d+ ms/],
};
