import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { SessionRequestContext } from '../modules/sessions/session-context.js';
import { presenterOf } from './deps.js';
import { presentError } from './errors.js';

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
