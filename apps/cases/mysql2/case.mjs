export default {
  title: 'mysql2, a connection made before it listens',
  group: 'MariaDB',
  packages: ['mysql2', 'express'],
  servers: ['mariadb'],
};
