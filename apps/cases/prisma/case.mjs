export default {
  title: 'Prisma with its adapter for pg',
  group: 'PostgreSQL',
  packages: ['prisma', '@prisma/client', '@prisma/adapter-pg', 'express'],
  servers: ['postgres'],
  // The generator and the query compiler are WebAssembly inside the packages. The engine of `prisma migrate` would be
  // downloaded, if no file were named in its place; it is not used.
  setup: ({ run, packages }) =>
    run(process.execPath, [`${packages}/node_modules/prisma/build/index.js`, 'generate'], {
      env: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
    }),
};
