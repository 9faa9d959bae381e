import type { Socket } from 'node:net';
import { IpRanges, normaliseAddress } from '../modules/verification/ip-ranges.js';

/** The address behind a request on a socket; `forwarded` is what its `X-Forwarded-For` says, all of them joined by commas. */
export type PeerReader = (
  socket: Pick<Socket, 'remoteAddress'>,
  forwarded: string | readonly string[] | undefined,
) => string | null;

/** Tells the address behind a request that Fastify does not see, such as an upgrade, by the same trust in proxies. */
export function peerReader(trustedProxies: readonly string[]): PeerReader {
  const trusted = trustedProxies.length > 0 ? new IpRanges(trustedProxies) : undefined;
  return (socket, forwarded) => {
    const peer = normaliseAddress(socket.remoteAddress ?? '') ?? null;
    if (!trusted || forwarded === undefined) return peer;
    const claimed = String(forwarded).split(',');
    let address = peer;
    while (trusted.allows(address) && claimed.length > 0) {
      const next = normaliseAddress(claimed.pop()!.trim());
      if (next === undefined) break;
      address = next;
    }
    return address;
  };
}
