import { snippet } from '../documents.js';
import { startNginxWith } from '../servers/gateways.js';
import type { Peer } from '../servers/peer.js';

/** Starts nginx in front of Keywright at `/kw/`, as documented; `stripped` removes the path prefix. */
export const startPathProxy = (keywright: string, stripped: boolean): Promise<Peer> =>
  startNginxWith(
    async ({ port }) => `
server {
  listen 127.0.0.1:${port};
  ${snippet('server/docs/operating/proxies.md > At a path of another host > nginx 1').replace(
    /proxy_pass .*$/m,
    `proxy_pass ${keywright}${stripped ? '/' : ''};`,
  )}
}`,
  );
