import type { Socket } from 'node:net';
import { IpRanges, normaliseAddress } from '@keywright/schema/ip-ranges';
import type { Peer } from '../modules/verification/hot-request.js';

/** Tells the peer of a request; `forwarded` is what its `X-Forwarded-For` says, all of them joined by commas. */
export type PeerReader = (
  socket: Pick<Socket, 'remoteAddress'>,
  forwarded: string | readonly string[] | undefined,
) => Peer;

/** Tells the peer of a request that Fastify does not see, such as an upgrade, by the same trust in proxies. */
export function peerReader(trustedProxies: readonly string[]): PeerReader {
  const ranges = trustedProxies.length > 0 ? new IpRanges(trustedProxies) : undefined;
  return (socket, forwarded) => {
    const direct = normaliseAddress(socket.remoteAddress ?? '') ?? null;
    const trusted = ranges !== undefined && direct !== null && ranges.allows(direct);
    if (!trusted || forwarded === undefined) return { ip: direct, direct, trusted, named: false };
    const claimed = String(forwarded).split(',');
    let ip: string | null = direct;
    while (ranges.allows(ip) && claimed.length > 0) {
      const next = normaliseAddress(claimed.pop()!.trim());
      if (next === undefined) return { ip, direct, trusted, named: false };
      ip = next;
    }
    return { ip, direct, trusted, named: true };
  };
}
