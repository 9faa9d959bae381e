import type { IncomingHttpHeaders } from 'node:http';
import type { RefusedVerdict } from '@keywright/schema/verdict-http';
import type { Principal } from '../modules/access/decide/principal.js';

/** The request that presents a key to the management API. */
export interface KeyPresentation {
  readonly ip: string | null;
  readonly method: string;
  readonly path: string;
  readonly userAgent: string | null;
}

/** Authenticates API keys that call the management API, with the same code as every other verification. */
export interface KeyAuthenticator {
  /** The caller whose key the headers carry, or the verdict that rejects it. Counts as a use of the key. */
  authenticate(
    headers: IncomingHttpHeaders,
    presentation: KeyPresentation,
  ): Promise<{ readonly principal: Principal } | { readonly verdict: RefusedVerdict }>;
  /** Resolves once the uses so far survive a crash; nothing must be answered earlier. */
  safe(): Promise<void>;
  /** The current state of the caller, without counting a use; null if the key is rejected. For long-lived connections. */
  refresh(principal: Principal): Principal | null;
}
