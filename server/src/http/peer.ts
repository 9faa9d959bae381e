import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { IpRanges, normalizeAddress } from '@keywright/schema/ip-ranges';
import { UNIX_PEERS } from '../core/unix-peers.js';
import type { Peer } from '../modules/verification/hot-request.js';
import { cameOverUnixSocket } from './unix-socket.js';

/** Maximum trusted proxies in front of one request. */
const MAX_PROXIES = 32;

/** What matters of a socket: its peer. */
type PeerSocket = Pick<Socket, 'remoteAddress'>;

/** Determines the peer of a request; `forwarded` is its `X-Forwarded-For`, joined by commas if repeated. */
export type PeerReader = (socket: PeerSocket, forwarded: string | readonly string[] | undefined) => Peer;

/** The proxies whose forwarded headers count. */
export class TrustedProxies {
  private readonly ranges: IpRanges | undefined;
  /** Whether every peer on the Unix socket is one. */
  readonly unix: boolean;

  /** @param proxies CIDR ranges, and {@link UNIX_PEERS}; empty for none. */
  constructor(proxies: readonly string[]) {
    const ranges = proxies.filter((each) => each !== UNIX_PEERS);
    this.ranges = ranges.length > 0 ? new IpRanges(ranges) : undefined;
    this.unix = ranges.length < proxies.length;
  }

  /** Whether an address is that of a trusted proxy; null is not. */
  includes(address: string | null): boolean {
    return address !== null && this.ranges !== undefined && this.ranges.allows(address);
  }

  /** The peer of a socket as if no header was forwarded. Only a peer on the Unix socket is trusted without an address. */
  peerOf(socket: PeerSocket): Peer {
    const { remoteAddress } = socket;
    const direct = remoteAddress === undefined ? null : (normalizeAddress(remoteAddress) ?? null);
    const unix = direct === null && cameOverUnixSocket(socket);
    const local = direct === null ? unix : direct === '::1' || direct.startsWith('127.');
    return { ip: direct, direct, local, trusted: unix ? this.unix : this.includes(direct), named: false };
  }
}

/** Trusts `X-Forwarded-For` only from these proxies; accepts addresses with and without ports. */
export function peerReader(trustedProxies: readonly string[]): PeerReader {
  const proxies = new TrustedProxies(trustedProxies);
  return (socket, forwarded) => {
    const peer = proxies.peerOf(socket);
    if (!peer.trusted || forwarded === undefined) return peer;
    const claimed = String(forwarded);
    const { direct, local, trusted } = peer;
    let { ip } = peer;
    let end = claimed.length;
    for (let hops = 0; end >= 0 && (hops === 0 || proxies.includes(ip)); hops++) {
      const comma = end === 0 ? -1 : claimed.lastIndexOf(',', end - 1);
      const next = hops < MAX_PROXIES ? normalizeAddress(claimed.slice(comma + 1, end).trim()) : undefined;
      if (next === undefined) return { ip, direct, local, trusted, named: false };
      ip = next;
      end = comma;
    }
    return { ip, direct, local, trusted, named: true };
  };
}

/** Sets Fastify's `request.ip` to the address that {@link PeerReader} determines, normalized and never any other text; null if unknown. */
export function watchPeers(app: FastifyInstance, peerOf: PeerReader): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { ip } = peerOf(request.raw.socket, request.headers['x-forwarded-for']);
    Object.defineProperty(request, 'ip', { value: ip });
    done();
  });
}
