export default {
  title: 'express 5',
  group: 'Web frameworks',
  packages: ['express'],
  quick: true,
  ask: async ({ get, post }) => [
    await get('/'),
    await get('/missing'),
    await get('/broken'),
    await get('/files/hello.txt'),
    await post('/echo', { a: [1, 2, 3], ä: 'ö' }),
  ],
};
