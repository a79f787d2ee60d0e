export default {
  title: 'tsx, as --import (a thread)',
  group: 'TypeScript',
  packages: ['tsx', 'express'],
  nodeArgs: ['--import', 'tsx'],
  script: 'app.ts',
  quick: true,
  // From Node 22 on its hooks are synchronous and need no thread.
  waitsFor: (major) => (major < 22 ? 'workers' : undefined),
};
