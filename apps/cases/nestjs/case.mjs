export default {
  title: 'NestJS on express, with shutdown hooks',
  group: 'Web frameworks',
  packages: ['@nestjs/core', '@nestjs/common', '@nestjs/platform-express'],
  script: 'dist/main.js',
  setup: ({ run, packages }) => run(process.execPath, [`${packages}/node_modules/typescript/bin/tsc`, '-p', '.']),
  ask: async ({ get }) => [await get('/'), await get('/cats/tom'), await get('/missing')],
};
