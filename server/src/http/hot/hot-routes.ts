import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { HOT_PATHS, isHot, type VerifyEndpoint } from '../../modules/verification/verify-endpoint.js';
import type { PeerReader } from '../peer.js';
import { Lane } from './lane.js';
import { NodeExchange } from './node-exchange.js';

/** What the hot routes are answered with. */
export interface HotRouteParts {
  readonly endpoint: VerifyEndpoint;
  readonly peer: PeerReader;
  readonly keepAliveMs: number;
  readonly stopping: () => boolean;
}

/** The hot routes of a server. */
export interface HotRoutes {
  /** Takes a request that came through the server when it is for one of them; false leaves it to others. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Closes connections that are only known here, and on which nothing is under way. */
  closeIdle(): void;
}

const TARGETS: ReadonlySet<string> = new Set(HOT_PATHS.map((path) => `POST ${path}`));

/** Puts the hot routes in front of a server; to be called before anything else listens for its connections. */
export function hotRoutes(
  server: Server,
  { endpoint, peer, keepAliveMs, stopping }: HotRouteParts,
): HotRoutes {
  const take = endpoint.take.bind(endpoint);
  const lane = new Lane(server, { targets: TARGETS, take, peer, keepAliveMs, stopping });
  return {
    handle(request, response) {
      if (request.method !== 'POST' || !isHot(request.url!)) return false;
      const ip = peer(request.socket, request.headers['x-forwarded-for']);
      take(new NodeExchange(request, response, ip, stopping));
      return true;
    },
    closeIdle: () => lane.closeIdle(),
  };
}
