export default {
  title: 'kysely, migrated before it listens',
  group: 'PostgreSQL',
  packages: ['kysely', 'pg', 'express'],
  servers: ['postgres'],
};
