export default {
  title: 'close-with-grace with fastify',
  group: 'Orderly ends',
  packages: ['close-with-grace', 'fastify'],
};
