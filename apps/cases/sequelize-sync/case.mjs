export default {
  title: 'sequelize, sync() before it listens',
  group: 'PostgreSQL',
  packages: ['sequelize', 'pg', 'express'],
  servers: ['postgres'],
};
