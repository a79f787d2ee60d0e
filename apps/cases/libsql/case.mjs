export default {
  title: 'libsql, a query before it listens',
  group: 'Native code and files',
  expected: { outcome: 'refused', message: /libsql/ },
  remedy: { text: '`--no-preload`', variant: { preforkArgs: ['--no-preload'] } },
  packages: ['@libsql/client', 'express'],
};
