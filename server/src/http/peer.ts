import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { IpRanges, normaliseAddress } from '@keywright/schema/ip-ranges';
import type { Peer } from '../modules/verification/hot-request.js';

/** Maximum trusted proxies in front of one request. */
const MAX_PROXIES = 32;

/** Determines the peer of a request; `forwarded` is its `X-Forwarded-For`, joined by commas if repeated. */
export type PeerReader = (
  socket: Pick<Socket, 'remoteAddress'>,
  forwarded: string | readonly string[] | undefined,
) => Peer;

/** Trusts `X-Forwarded-For` only from peers in these CIDRs; accepts addresses with and without ports. */
export function peerReader(trustedProxies: readonly string[]): PeerReader {
  const ranges = trustedProxies.length > 0 ? new IpRanges(trustedProxies) : undefined;
  return (socket, forwarded) => {
    const direct = normaliseAddress(socket.remoteAddress ?? '') ?? null;
    const trusted = ranges !== undefined && direct !== null && ranges.allows(direct);
    if (!trusted || forwarded === undefined) return { ip: direct, direct, trusted, named: false };
    const claimed = String(forwarded);
    let ip: string | null = direct;
    let end = claimed.length;
    for (let hops = 0; end >= 0 && ranges.allows(ip); hops++) {
      const comma = end === 0 ? -1 : claimed.lastIndexOf(',', end - 1);
      const next = hops < MAX_PROXIES ? normaliseAddress(claimed.slice(comma + 1, end).trim()) : undefined;
      if (next === undefined) return { ip, direct, trusted, named: false };
      ip = next;
      end = comma;
    }
    return { ip, direct, trusted, named: true };
  };
}

/** Sets Fastify's `request.ip` to the address that {@link PeerReader} determines, normalized and never any other text. */
export function watchPeers(app: FastifyInstance, peerOf: PeerReader): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { ip } = peerOf(request.raw.socket, request.headers['x-forwarded-for']);
    Object.defineProperty(request, 'ip', { value: ip ?? undefined });
    done();
  });
}
