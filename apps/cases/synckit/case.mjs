export default {
  title: 'synckit, called before it listens',
  group: 'Threads of the app',
  packages: ['synckit', 'express'],
};
