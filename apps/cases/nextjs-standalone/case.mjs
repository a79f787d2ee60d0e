import { renameSync } from 'node:fs';
import { basename, join } from 'node:path';

export default {
  title: 'Next.js, its standalone server',
  group: 'Web frameworks',
  packages: ['next', 'react', 'react-dom'],
  script: '.next/standalone/app/server.js',
  env: { NEXT_TELEMETRY_DISABLED: '1', HOSTNAME: '127.0.0.1' },
  setup: async ({ run, packages, folder }) => {
    await run(process.execPath, [`${packages}/node_modules/next/dist/bin/next`, 'build'], {
      env: { NEXT_TELEMETRY_DISABLED: '1' },
    });
    const standalone = join(folder, '.next/standalone');
    renameSync(join(standalone, 'cases', basename(folder)), join(standalone, 'app'));
  },
  ask: async ({ get }) => [await get('/api/pid?q=1'), await get('/'), await get('/missing')],
};
