export default {
  title: 'memcached',
  group: 'memcached',
  packages: ['memcached', 'express'],
  servers: ['memcached'],
  quick: true,
  script: 'app.cjs',
};
