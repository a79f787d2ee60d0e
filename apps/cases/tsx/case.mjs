export default {
  title: 'tsx, as --import (a thread)',
  group: 'TypeScript',
  packages: ['tsx', 'express'],
  nodeArgs: ['--import', 'tsx'],
  script: 'app.ts',
  quick: true,
};
