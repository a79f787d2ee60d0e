export default {
  title: 'restify',
  group: 'Web frameworks',
  packages: ['restify'],
  expected: (major) => ({ outcome: major < 24 ? 'unmodified' : 'broken' }),
  script: 'app.cjs',
  ask: ({ get }) => get('/hello/restify'),
};
