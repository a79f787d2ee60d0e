import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';

const typeDefs = `#graphql
  type Book { title: String }
  type Query { books: [Book], pid: Int }
`;
const resolvers = { Query: { books: () => [{ title: 'The Awakening' }], pid: () => process.pid } };

const server = new ApolloServer({ typeDefs, resolvers, includeStacktraceInErrorResponses: false });
const { url } = await startStandaloneServer(server, { listen: { port: process.env.PORT } });
console.log(`🚀  Server ready at: ${url}`);
