export default {
  title: 'NestJS with TypeORM, synchronised at its start',
  group: 'PostgreSQL',
  packages: ['@nestjs/core', '@nestjs/typeorm', 'typeorm', 'pg'],
  servers: ['postgres'],
  script: 'dist/main.js',
  setup: ({ run, packages }) => run(process.execPath, [`${packages}/node_modules/typescript/bin/tsc`, '-p', '.']),
};
