export default {
  title: 'tsx, as --import (a thread)',
  group: 'TypeScript',
  packages: ['tsx', 'express'],
  nodeArgs: ['--import', 'tsx'],
  script: 'app.ts',
  // A file that was compiled before needs no esbuild, which is a child process.
  env: { TSX_DISABLE_CACHE: '1' },
  quick: true,
};
