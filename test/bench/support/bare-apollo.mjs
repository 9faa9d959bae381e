// A bare Apollo Server that answers one query with constant data: the cost of a page without keys, database or sign-in.
import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';

const [schemaFile, dataFile] = process.argv.slice(2);
const data = JSON.parse(readFileSync(dataFile, 'utf8'));
const server = new ApolloServer({
  typeDefs: readFileSync(schemaFile, 'utf8'),
  resolvers: { Query: { apiKeys: () => data.apiKeys } },
  nodeEnv: 'production',
});
const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port: 0 } });
console.log(`Ready at ${url}`);
