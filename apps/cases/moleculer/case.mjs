export default {
  title: 'Moleculer with moleculer-web',
  group: 'Web frameworks',
  packages: ['moleculer', 'moleculer-web'],
  script: 'app.cjs',
  ask: ({ get }) => get('/hello/moleculer'),
};
