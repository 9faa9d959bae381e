import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { HotRoute } from '../../modules/verification/hot-request.js';
import type { PeerReader } from '../peer.js';
import { FastPath } from './fast-path.js';
import { NodeExchange } from './node-exchange.js';

export interface HotRouteDeps {
  readonly routes: readonly HotRoute[];
  readonly peer: PeerReader;
  /** Prefix to strip from paths; empty for none. */
  readonly basePath: string;
  readonly keepAliveMs: number;
  readonly stopping: () => boolean;
}

/** The hot routes of a server. */
export interface HotRoutes {
  /** Handles a request that came through the server if it is for a hot route; false if not. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Closes the idle connections of the fast path. */
  closeIdle(): void;
  /** Whether a connection of the fast path has a complete pending request. */
  isAnswering(socket: Socket): boolean;
}

/** All `X-Forwarded-For` joined by commas, without creating an object of all headers. */
function forwardedOf(rawHeaders: readonly string[]): string | undefined {
  let forwarded: string | undefined;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.length !== 15 || rawHeaders[i]!.toLowerCase() !== 'x-forwarded-for') continue;
    forwarded = forwarded === undefined ? rawHeaders[i + 1]! : `${forwarded}, ${rawHeaders[i + 1]!}`;
  }
  return forwarded;
}

/** Installs the hot routes in front of a server. Call it before anything else listens for its connections. */
export function hotRoutes(server: Server, deps: HotRouteDeps): HotRoutes {
  const { routes, peer, stopping } = deps;
  const fastPath = new FastPath(server, deps);
  return {
    handle(request, response) {
      const route = routes.find((each) => each.owns(request.method!, request.url!));
      if (!route) return false;
      const from = peer(request.socket, forwardedOf(request.rawHeaders));
      route.take(new NodeExchange(request, response, from, stopping));
      return true;
    },
    closeIdle: () => fastPath.closeIdle(),
    isAnswering: (socket) => fastPath.isAnswering(socket),
  };
}
