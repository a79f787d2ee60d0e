export default {
  title: 'undici, a request before it listens',
  group: 'HTTP clients',
  packages: ['undici', 'express'],
  servers: ['web'],
};
