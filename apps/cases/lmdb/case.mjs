export default {
  title: 'lmdb',
  group: 'Native code and files',
  expected: { outcome: 'refused', message: /lmdb/ },
  remedy: { text: '`--no-preload`', variant: { preforkArgs: ['--no-preload'] } },
  packages: ['lmdb', 'express'],
};
