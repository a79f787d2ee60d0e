export default {
  title: 'comlink over a Worker',
  group: 'Threads of the app',
  packages: ['comlink', 'express'],
};
