export default {
  title: 'drizzle-orm on node-postgres',
  group: 'PostgreSQL',
  packages: ['drizzle-orm', 'pg', 'express'],
  servers: ['postgres'],
};
