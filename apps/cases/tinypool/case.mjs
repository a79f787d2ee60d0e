export default {
  title: 'tinypool',
  group: 'Threads of the app',
  packages: ['tinypool', 'express'],
  ask: async ({ get }) => [await get('/?a=4&b=6'), await get('/?a=1&b=2')],
};
