export default {
  title: 'memjs',
  group: 'memcached',
  packages: ['memjs', 'express'],
  servers: ['memcached'],
};
