export default {
  title: 'axios, a configuration fetched before it listens',
  group: 'HTTP clients',
  packages: ['axios', 'express'],
  servers: ['web'],
  quick: true,
};
