import { ApolloServer, type ApolloServerOptions, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { SessionRequestContext } from '../modules/sign-in/sessions/session-context.js';
import { presenterOf } from './deps.js';
import { presentError } from './errors.js';
import { LIMITS } from './limits.js';
import { LruCache } from './lru-cache.js';

/** Maximum memory for the executor's cached documents, in bytes. */
const MAX_CACHED_BYTES = 16 * 1024 * 1024;
/** Maximum memory per character: documents keep every token, including comments, for the locations of errors. */
const BYTES_PER_CHARACTER = 50;

/** Replaces the errors of an answer with those that {@link presentError} makes of what was thrown. */
const presentErrors = (log: Logger): ApolloServerPlugin<SessionRequestContext> => ({
  requestDidStart: async () => ({
    willSendResponse: async ({ errors, response, contextValue }) => {
      if (!errors?.length || response.body.kind !== 'single') return;
      const present = presenterOf(log, contextValue.requestId, contextValue.principal !== null);
      response.body.singleResult.errors = errors.map(present);
    },
  }),
});

/** Caches documents that the executor found valid, so that it parses and validates each of them once. */
function documentStore(): NonNullable<ApolloServerOptions<SessionRequestContext>['documentStore']> {
  const documents = new LruCache<DocumentNode>(MAX_CACHED_BYTES);
  return {
    get: async (key) => documents.get(key),
    set: async (key, document) =>
      documents.set(key, document, BYTES_PER_CHARACTER * (document.loc?.end ?? LIMITS.characters)),
    delete: async (key) => documents.delete(key),
  };
}

/** The executor of queries and mutations. Permission to introspect and document limits are checked before it runs. */
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
    // For errors before an operation starts; the plugin replaces all others.
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
