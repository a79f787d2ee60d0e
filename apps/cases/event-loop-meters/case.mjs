export default {
  title: 'toobusy-js and node-cache',
  group: 'Logging and measuring',
  packages: ['toobusy-js', 'node-cache'],
  script: 'app.cjs',
};
