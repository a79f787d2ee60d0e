export default {
  title: 'knex, a schema made before it listens',
  group: 'PostgreSQL',
  packages: ['knex', 'pg', 'fastify'],
  quick: true,
  servers: ['postgres'],
};
