export default {
  title: 'Apollo Server, standalone',
  group: 'Web frameworks',
  packages: ['@apollo/server', 'graphql'],
  ask: async ({ post }) => [
    await post('/', { query: '{ books { title } pid }' }),
    await post('/', { query: '{ nothing }' }),
  ],
};
