import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const pid = { type: GraphQLString, resolve: () => `${process.pid}` };
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { pid } }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      greetings: {
        type: GraphQLString,
        async *subscribe() {
          for (const hi of ['Hi', 'Bonjour']) yield { greetings: hi };
        },
      },
    },
  }),
});
useServer({ schema }, new WebSocketServer({ port: process.env.PORT, path: '/graphql' }));
