import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { HotRoute } from '../../modules/verification/hot-request.js';
import type { PeerReader } from '../peer.js';
import { Lane } from './lane.js';
import { NodeExchange } from './node-exchange.js';

/** What the hot routes are answered with. */
export interface HotRouteParts {
  readonly routes: readonly HotRoute[];
  readonly peer: PeerReader;
  /** Taken away in front of paths; empty for none. */
  readonly basePath: string;
  readonly keepAliveMs: number;
  readonly stopping: () => boolean;
}

/** The hot routes of a server. */
export interface HotRoutes {
  /** Takes a request that came through the server when it is for one of them; false leaves it to others. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Closes connections that are only known here, and on which nothing is under way. */
  closeIdle(): void;
  /** Whether a whole request is under way on one of them. */
  isAnswering(socket: Socket): boolean;
}

/** All `X-Forwarded-For` joined by commas, without making an object of all headers. */
function forwardedOf(rawHeaders: readonly string[]): string | undefined {
  let forwarded: string | undefined;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.length !== 15 || rawHeaders[i]!.toLowerCase() !== 'x-forwarded-for') continue;
    forwarded = forwarded === undefined ? rawHeaders[i + 1]! : `${forwarded}, ${rawHeaders[i + 1]!}`;
  }
  return forwarded;
}

/** Puts the hot routes in front of a server; to be called before anything else listens for its connections. */
export function hotRoutes(server: Server, parts: HotRouteParts): HotRoutes {
  const { routes, peer, stopping } = parts;
  const lane = new Lane(server, parts);
  return {
    handle(request, response) {
      const route = routes.find((each) => each.owns(request.method!, request.url!));
      if (!route) return false;
      const from = peer(request.socket, forwardedOf(request.rawHeaders));
      route.take(new NodeExchange(request, response, from, stopping));
      return true;
    },
    closeIdle: () => lane.closeIdle(),
    isAnswering: (socket) => lane.isAnswering(socket),
  };
}
