export default {
  title: 'ts-node/esm, registered by --import (a thread)',
  group: 'TypeScript',
  packages: ['ts-node', 'typescript', 'express'],
  nodeArgs: ['--import', './register.mjs'],
  script: 'app.ts',
  env: { TS_NODE_TRANSPILE_ONLY: 'true' },
};
