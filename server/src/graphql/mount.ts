import type { FastifyInstance } from 'fastify';
import { createApollo } from './apollo.js';
import type { GraphQLDeps } from './deps.js';
import { addGraphQLRoute, answerGraphQLErrors } from './graphql.route.js';
import { DocumentLimits } from './limits.js';
import { LiveCallers } from './live-callers.js';
import { createLiveSlots } from './live-slots.js';
import { createSocketServer } from './socket.js';
import { addStreamRoute } from './sse.route.js';
import { Subscriptions } from './subscription.js';
import { addUpgrade } from './upgrade.js';

/** Adds GraphQL to a server that does not listen yet: POST and WebSocket at /graphql, SSE at /graphql/stream. */
export async function mountGraphQL(app: FastifyInstance, deps: GraphQLDeps): Promise<void> {
  const limits = new DocumentLimits(deps.schema);
  const subscriptions = new Subscriptions(deps.schema, limits);
  const live = new LiveCallers(deps.changes);
  const slots = createLiveSlots();
  const apollo = await createApollo(deps.schema, deps.log);
  await app.register(async (scope) => {
    answerGraphQLErrors(scope, deps);
    addGraphQLRoute(scope, deps, limits, apollo);
    addStreamRoute(scope, deps, subscriptions, live, slots);
  });
  addUpgrade(app, deps, createSocketServer(deps, subscriptions, live, slots));
  app.addHook('onClose', () => apollo.stop());
}
