import { whenKnown, type Eventual } from '../../core/eventual.js';
import type { AccessSet } from '../access/decide/access-set.js';
import type { Peer } from '../verification/hot-request.js';
import type { Proof } from '../verification/proof.js';
import type { CallerGate, CallerResult } from '../verification/caller-gate.js';
import type { SentHeaders } from './original-request.js';

/** The header with which a gateway proves that it is allowed to ask. */
export const GATEWAY_KEY_HEADER = 'x-gateway-key';

const NEEDED = ['keywright.verify'] as const;

/** What a gateway may learn about: null means everything. */
export type GatewayAnswer = { readonly caller: AccessSet | null } | { readonly fault: string };

const notTrusted = ({ direct, local }: Peer): string =>
  direct === null && local
    ? 'Requests over the Unix socket are not from a gateway: unix is not among KEYWRIGHT_TRUSTED_PROXIES.'
    : `Requests from ${direct ?? 'this peer'} are not from a gateway: it is not among KEYWRIGHT_TRUSTED_PROXIES.`;

const UNRESTRICTED: GatewayAnswer = { caller: null };
const unrestricted = (): GatewayAnswer => UNRESTRICTED;

/**
 * Checks whether a peer is allowed to ask on behalf of others: it must be a trusted proxy and show a key with
 * keywright.verify, which is optional on this machine. If a key is shown, it must be valid, wherever it comes from.
 */
export class GatewayProof {
  /** The key of the last gateway, since the next request mostly comes from the same one. */
  private last: { readonly key: string; readonly proof: Proof } | undefined;

  constructor(private readonly gate: Pick<CallerGate, 'admit' | 'settled'>) {}

  check(headers: SentHeaders, peer: Peer, requestId: string): Eventual<GatewayAnswer> {
    if (!peer.trusted) return { fault: notTrusted(peer) };
    const keys = headers[GATEWAY_KEY_HEADER];
    if (!keys) {
      if (peer.local) return whenKnown(this.gate.settled(), unrestricted, null);
      return {
        fault: 'The gateway is not on this machine, so it must send its own key in X-Gateway-Key.',
      };
    }
    const [key = ''] = keys;
    const known = keys.length === 1 && this.last?.key === key ? this.last.proof : null;
    const admitted = this.gate.admit({
      requestId,
      method: null,
      path: null,
      userAgent: null,
      ip: peer.direct,
      credentials: { 'x-api-key': keys },
      permissions: NEEDED,
      known,
    });
    return whenKnown(admitted, this.answerOf, key);
  }

  private readonly answerOf = (answer: CallerResult, key: string): GatewayAnswer => {
    if ('verdict' in answer) {
      return { fault: `The key in X-Gateway-Key was rejected: ${answer.verdict.code}.` };
    }
    if (this.last?.proof !== answer.proof) this.last = { key, proof: answer.proof };
    return { caller: answer.access };
  };
}
