import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';

const schema = createSchema({
  typeDefs: 'type Query { hello: String, pid: Int }',
  resolvers: { Query: { hello: () => 'Hello from Yoga!', pid: () => process.pid } },
});
createServer(createYoga({ schema })).listen(process.env.PORT);
