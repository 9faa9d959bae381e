import type { IncomingMessage } from 'node:http';
import { IpRanges, normaliseAddress } from '../modules/verification/ip-ranges.js';

/** Tells the address behind a request that Fastify does not see, such as an upgrade, by the same trust in proxies. */
export function peerReader(trustedProxies: readonly string[]): (request: IncomingMessage) => string | null {
  const trusted = trustedProxies.length > 0 ? new IpRanges(trustedProxies) : undefined;
  return (request) => {
    const peer = normaliseAddress(request.socket.remoteAddress ?? '') ?? null;
    if (!trusted) return peer;
    const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
    let address = peer;
    while (trusted.allows(address) && forwarded.length > 0) {
      const next = normaliseAddress(forwarded.pop()!.trim());
      if (next === undefined) break;
      address = next;
    }
    return address;
  };
}
