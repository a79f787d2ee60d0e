export default {
  title: 'libsql, a query before it listens',
  group: 'Native code and files',
  expected: { outcome: 'refused', message: /libsql/ },
  remedy: {
    text: '`--no-preload`',
    // Each worker then writes to the file while it loads, and one that finds it locked by another ends and is replaced.
    variant: { preforkArgs: ['--no-preload'], allowed: [/^died \(exit status 1\)/] },
  },
  packages: ['@libsql/client', 'express'],
};
