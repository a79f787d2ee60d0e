export default {
  title: 'chokidar',
  group: 'Native code and files',
  packages: ['chokidar', 'express'],
  allowed: [/fs\.watch|watch/],
};
