export default {
  title: '@swc-node/register, by --import (a thread)',
  group: 'TypeScript',
  packages: ['@swc-node/register', '@swc/core', 'typescript'],
  nodeArgs: ['--import', '@swc-node/register/esm-register'],
  script: 'app.ts',
};
