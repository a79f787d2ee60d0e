export default {
  title: 'poolifier',
  group: 'Threads of the app',
  packages: ['poolifier', 'express'],
  ask: async ({ get }) => [await get('/?a=4&b=6'), await get('/?a=1&b=2')],
};
