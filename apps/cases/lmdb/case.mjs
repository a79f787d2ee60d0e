export default {
  title: 'lmdb',
  group: 'Native code and files',
  waitsFor: 'native code by its name',
  expected: { outcome: 'refused', message: /lmdb/ },
  remedy: { text: '`--no-preload`', variant: { preforkArgs: ['--no-preload'] } },
  packages: ['lmdb', 'express'],
};
