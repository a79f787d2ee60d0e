export default {
  title: 'restify',
  group: 'Web frameworks',
  packages: ['restify'],
  script: 'app.cjs',
  ask: ({ get }) => get('/hello/restify'),
};
