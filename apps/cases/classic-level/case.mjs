export default {
  title: 'classic-level (LevelDB), opened at a request',
  group: 'Native code and files',
  packages: ['classic-level', 'express'],
};
