export default {
  title: 'mariadb, a query of its pool before it listens',
  group: 'MariaDB',
  packages: ['mariadb', 'express'],
  servers: ['mariadb'],
};
