module.exports = async (fastify, _options) => {
  fastify.get('/', async () => ({ pid: process.pid }));
};
