export default {
  title: 'node:sqlite',
  group: 'Native code and files',
  packages: [],
  expected: (major) => ({ outcome: major < 22 ? 'broken' : 'unmodified' }),
};
