export default {
  title: 'libsql, a query before it listens',
  group: 'Native code and files',
  waitsFor: 'native code by its name',
  meanwhile: { outcome: 'refused', message: /by native code/ },
  expected: { outcome: 'refused', message: /libsql/ },
  remedy: { text: '`--no-preload`', variant: { preforkArgs: ['--no-preload'] } },
  packages: ['@libsql/client', 'express'],
};
