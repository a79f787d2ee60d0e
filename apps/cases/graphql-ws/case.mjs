export default {
  title: 'graphql-ws, subscriptions over ws',
  group: 'Real time',
  packages: ['graphql-ws', 'graphql', 'ws'],
  ask: async ({ port, require }) => {
    const { createClient } = require('graphql-ws');
    const client = createClient({
      url: `ws://127.0.0.1:${port}/graphql`,
      webSocketImpl: require('ws'),
      retryAttempts: 0,
    });
    const ask = async (query) => {
      const results = [];
      for await (const { data } of client.iterate({ query })) results.push(data);
      return results;
    };
    const results = [await ask('{ pid }'), await ask('subscription { greetings }')];
    await client.dispose();
    return results;
  },
};
