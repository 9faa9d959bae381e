import type { AccessSet } from '../access/decide/access-set.js';
import type { Peer } from '../verification/hot-request.js';
import type { Proof } from '../verification/proof.js';
import type { CallerResult, VerificationService } from '../verification/verification-service.js';
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

/**
 * Checks whether a peer is allowed to ask on behalf of others: it must be a trusted proxy and show a key with
 * keywright.verify, which is optional on this machine. If a key is shown, it must be valid, wherever it comes from.
 */
export class GatewayProof {
  /** The key of the last gateway, since the next request mostly comes from the same one. */
  private last: { readonly key: string; readonly proof: Proof } | undefined;

  constructor(private readonly service: Pick<VerificationService, 'authenticateCaller'>) {}

  check(headers: SentHeaders, peer: Peer, requestId: string): GatewayAnswer | Promise<GatewayAnswer> {
    if (!peer.trusted) return { fault: notTrusted(peer) };
    const keys = headers[GATEWAY_KEY_HEADER];
    if (!keys) {
      if (peer.local) return { caller: null };
      return {
        fault: 'The gateway is not on this machine, and did not show a key of its own in X-Gateway-Key.',
      };
    }
    const [key = ''] = keys;
    const known = keys.length === 1 && this.last?.key === key ? this.last.proof : null;
    const call = { requestId, method: null, path: null, userAgent: null, ip: peer.direct };
    const answer = this.service.authenticateCaller({ 'x-api-key': keys }, call, NEEDED, known);
    if (!(answer instanceof Promise)) return this.answerOf(key, answer);
    return answer.then((decided) => this.answerOf(key, decided));
  }

  private answerOf(key: string, answer: CallerResult): GatewayAnswer {
    if ('verdict' in answer) {
      return { fault: `The key in X-Gateway-Key may not ask: ${answer.verdict.code}.` };
    }
    this.last = { key, proof: answer.proof };
    return { caller: answer.access };
  }
}
