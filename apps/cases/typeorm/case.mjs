export default {
  title: 'typeorm, initialised before it listens',
  group: 'PostgreSQL',
  packages: ['typeorm', 'reflect-metadata', 'pg', 'express'],
  quick: true,
  servers: ['postgres'],
};
