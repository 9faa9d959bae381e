import type { IncomingHttpHeaders } from 'node:http';
import type { RefusedVerdict } from '@keywright/schema/verdict-http';
import type { Principal } from '../modules/access/principal.js';

/** Where a key is presented to the management API. */
export interface KeyPresentation {
  readonly ip: string | null;
  readonly method: string;
  readonly path: string;
  readonly userAgent: string | null;
}

/** Judges API keys that call the management API, by the code that judges every other verification. */
export interface KeyAuthenticator {
  /** The caller behind the key of the headers, or why it is refused. Counts as a use of the key. */
  authenticate(
    headers: IncomingHttpHeaders,
    presentation: KeyPresentation,
  ): Promise<{ readonly principal: Principal } | { readonly verdict: RefusedVerdict }>;
  /** Resolves once the uses so far are safe from an end of the process; only then may anything be answered. */
  safe(): Promise<void>;
  /** The caller as it is now, without counting a use; null once the key is refused. For what outlives one request. */
  refresh(principal: Principal): Principal | null;
}
