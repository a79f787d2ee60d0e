export default {
  title: 'sequelize, authenticated before it listens',
  group: 'PostgreSQL',
  packages: ['sequelize', 'pg', 'express'],
  servers: ['postgres'],
};
