export default {
  title: 'GraphQL Yoga',
  group: 'Web frameworks',
  packages: ['graphql-yoga', 'graphql'],
  ask: async ({ post }) => [await post('/graphql', { query: '{ hello pid }' })],
};
