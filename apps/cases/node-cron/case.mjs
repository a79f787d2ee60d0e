export default {
  title: 'node-cron',
  group: 'Native code and files',
  packages: ['node-cron', 'express'],
  allowed: [/^a timer of \d+ ms/],
};
