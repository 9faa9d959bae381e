import { startNginxWith } from './gateways.js';
import type { Peer } from './peer.js';

/** Starts nginx in front of Keywright at `/kw/`, as the README says; `stripped` takes the path away on the way. */
export const startPathProxy = (keywright: string, stripped: boolean): Promise<Peer> =>
  startNginxWith(
    async ({ port }) => `
server {
  listen 127.0.0.1:${port};
  location /kw/ {
    proxy_pass ${keywright}${stripped ? '/' : ''};
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection "upgrade";
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
  }
}`,
  );
