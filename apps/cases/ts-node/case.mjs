export default {
  title: 'ts-node, required before a CommonJS app',
  group: 'TypeScript',
  packages: ['ts-node', 'typescript', 'express'],
  nodeArgs: ['--require', 'ts-node/register/transpile-only'],
  script: 'app.ts',
};
