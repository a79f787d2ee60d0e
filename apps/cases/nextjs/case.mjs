export default {
  title: 'Next.js, `next start`',
  group: 'Web frameworks',
  packages: ['next', 'react', 'react-dom'],
  script: '../../node_modules/next/dist/bin/next',
  args: ['start', '-p', '$PORT'],
  env: { NEXT_TELEMETRY_DISABLED: '1' },
  setup: ({ run, packages }) =>
    run(process.execPath, [`${packages}/node_modules/next/dist/bin/next`, 'build'], {
      env: { NEXT_TELEMETRY_DISABLED: '1' },
    }),
  ask: async ({ get }) => [await get('/api/pid?q=1'), await get('/'), await get('/missing')],
};
