export default {
  title: 'tRPC, standalone',
  group: 'Web frameworks',
  packages: ['@trpc/server'],
  ask: async ({ get }) => [await get('/pid'), await get(`/greet?input=${encodeURIComponent('"ada"')}`)],
};
