import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { IpRanges, normaliseAddress } from '../modules/verification/ip-ranges.js';

/** Tells the address behind a request that Fastify does not see, such as an upgrade, by the same trust in proxies. */
export function peerReader(trustedProxies: readonly string[]): (request: IncomingMessage) => string | null {
  const trusted = trustedProxies.length > 0 ? new IpRanges(trustedProxies) : undefined;
  const peers = new WeakMap<Socket, string | null>();
  const peerOf = (socket: Socket): string | null => {
    let peer = peers.get(socket);
    if (peer === undefined) {
      peer = normaliseAddress(socket.remoteAddress ?? '') ?? null;
      peers.set(socket, peer);
    }
    return peer;
  };
  return (request) => {
    const peer = peerOf(request.socket);
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
