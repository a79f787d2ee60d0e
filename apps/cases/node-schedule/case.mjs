export default {
  title: 'node-schedule',
  group: 'Native code and files',
  packages: ['node-schedule', 'express'],
  allowed: [/^a timer of \d+ ms/],
};
