export default {
  title: 'zeromq, a socket bound before it listens',
  group: 'Native code and files',
  expected: { outcome: 'refused', message: /zeromq/ },
  remedy: { text: '`--no-preload`', variant: { preforkArgs: ['--no-preload'] } },
  packages: ['zeromq', 'express'],
};
