export default {
  title: 'piscina',
  group: 'Threads of the app',
  packages: ['piscina', 'express'],
  quick: true,
  ask: async ({ get }) => [await get('/?a=4&b=6'), await get('/?a=1&b=2')],
};
