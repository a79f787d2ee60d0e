export default {
  title: 'mysql2, a pool',
  group: 'MariaDB',
  packages: ['mysql2', 'express'],
  servers: ['mariadb'],
  quick: true,
};
