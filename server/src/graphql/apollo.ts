import { ApolloServer, type ApolloServerOptions, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { SessionRequestContext } from '../modules/sessions/session-context.js';
import { presenterOf } from './deps.js';
import { presentError } from './errors.js';
import { LIMITS } from './limits.js';
import { Remembered } from './remembered.js';

/** What the documents that the executor keeps may take up together, in bytes. */
const MAX_REMEMBERED_BYTES = 16 * 1024 * 1024;
/** What one character takes up at most: errors tell locations, for which every token is kept, comments too. */
const BYTES_PER_CHARACTER = 50;

/** Replaces the errors of an answer by what the one mapping makes of what was thrown. */
const presentErrors = (log: Logger): ApolloServerPlugin<SessionRequestContext> => ({
  requestDidStart: async () => ({
    willSendResponse: async ({ errors, response, contextValue }) => {
      if (!errors?.length || response.body.kind !== 'single') return;
      const present = presenterOf(log, contextValue.requestId, contextValue.principal !== null);
      response.body.singleResult.errors = errors.map(present);
    },
  }),
});

/** Where the executor keeps documents that it found valid, so that it parses and validates each once. */
function documentStore(): NonNullable<ApolloServerOptions<SessionRequestContext>['documentStore']> {
  const documents = new Remembered<DocumentNode>(MAX_REMEMBERED_BYTES);
  return {
    get: async (key) => documents.get(key),
    set: async (key, document) =>
      documents.set(key, document, BYTES_PER_CHARACTER * (document.loc?.end ?? LIMITS.characters)),
    delete: async (key) => documents.delete(key),
  };
}

/** The executor of queries and mutations. Who may introspect, and how large a document may be, is checked before it. */
export async function createApollo(
  schema: GraphQLSchema,
  log: Logger,
): Promise<ApolloServer<SessionRequestContext>> {
  const server = new ApolloServer<SessionRequestContext>({
    schema,
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    documentStore: documentStore(),
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
    logger: log,
    // For faults that are found before an operation starts; the plugin replaces all others.
    formatError: (_, error) => presentError(error, { requestId: '', signedIn: false, log: () => undefined }),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      presentErrors(log),
    ],
  });
  await server.start();
  return server;
}
