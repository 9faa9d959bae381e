import { subscribe, type ExecutionArgs, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { AppError } from '../core/errors.js';
import type { SessionRequestContext } from '../modules/sign-in/sessions/session-context.js';
import { asGraphQLError, GuardedEvents } from './guarded-events.js';
import type { DocumentLimits } from './limits.js';
import type { LiveCaller } from './live-caller.js';

/** A requested subscription. */
export interface SubscriptionRequest {
  readonly query: string;
  readonly variables?: Record<string, unknown> | null | undefined;
}

/** Maximum size of a subscription's document and variables, which stay in memory while it is open. */
const MAX_SUBSCRIPTION_BYTES = 16 * 1024;

function requireSmall({ query, variables }: SubscriptionRequest): void {
  const bytes = Buffer.byteLength(query) + Buffer.byteLength(JSON.stringify(variables ?? {}));
  if (bytes <= MAX_SUBSCRIPTION_BYTES) return;
  throw new AppError(
    'QUERY_TOO_COMPLEX',
    `A subscription with its variables can have at most ${MAX_SUBSCRIPTION_BYTES / 1024} KB.`,
  );
}

/** Checks and starts subscriptions, the same way for WebSocket and SSE. */
export class Subscriptions {
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly limits: DocumentLimits,
  ) {}

  /** The arguments of the execution. Errors for an invalid document: AppError, or the first GraphQLError of the validation. */
  prepare(request: SubscriptionRequest, contextValue: SessionRequestContext): ExecutionArgs {
    requireSmall(request);
    const checked = this.limits.check(request.query);
    if (checked.operation !== 'subscription') {
      throw new AppError(
        'BAD_USER_INPUT',
        'Only subscriptions run here; POST queries and mutations to /graphql.',
      );
    }
    const [fault] = checked.faults();
    if (fault) throw fault;
    return {
      schema: this.schema,
      document: checked.document,
      variableValues: request.variables,
      contextValue,
    };
  }

  /** The events, or a result with the reason why there are none. Calls `onEnd` once the events have ended. */
  async start(
    args: ExecutionArgs,
    caller: LiveCaller,
    onEnd?: () => void,
  ): Promise<GuardedEvents | ExecutionResult> {
    try {
      const result = await subscribe(args);
      return Symbol.asyncIterator in result ? new GuardedEvents(result, caller, onEnd) : result;
    } catch (error) {
      return { errors: [asGraphQLError(error)] };
    }
  }
}
