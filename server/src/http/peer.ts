import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { IpRanges, normaliseAddress } from '@keywright/schema/ip-ranges';
import type { Peer } from '../modules/verification/hot-request.js';

/** Trusted proxies that one request may come through. */
const MAX_PROXIES = 32;

/** Tells the peer of a request; `forwarded` is what its `X-Forwarded-For` says, all of them joined by commas. */
export type PeerReader = (
  socket: Pick<Socket, 'remoteAddress'>,
  forwarded: string | readonly string[] | undefined,
) => Peer;

/** Tells the peers of requests by the CIDRs whose `X-Forwarded-For` counts; with or without ports behind the addresses. */
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

/** Makes `request.ip` of Fastify the address that every other reader of requests sees, in its plain form and never another text. */
export function watchPeers(app: FastifyInstance, peerOf: PeerReader): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { ip } = peerOf(request.raw.socket, request.headers['x-forwarded-for']);
    Object.defineProperty(request, 'ip', { value: ip ?? undefined });
    done();
  });
}
