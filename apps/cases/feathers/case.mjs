export default {
  title: 'Feathers on koa',
  group: 'Web frameworks',
  packages: ['@feathersjs/feathers', '@feathersjs/koa'],
  ask: async ({ get }) => [await get('/messages'), (await get('/missing')).status],
};
