import { readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { debianProgram } from './debian.js';
import { snippet } from '../documents.js';
import { startPeer, type Peer, type Place } from './peer.js';

const RECIPES = join(import.meta.dirname, '../../../web/src/pages/docs/gateways');

/** The servers around a gateway. */
export interface GatewaySettings {
  /** Base URL of Keywright. */
  readonly keywright: string;
  /** Path of its Unix socket, if the gateway asks there. */
  readonly socket?: string;
  /** Host and port of the service behind the gateway. */
  readonly service: string;
  /** The required permission and environment, as path segments; absent: the route rules decide. */
  readonly named?: string;
  /** Replacements in the recipe. */
  readonly edit?: (recipe: string) => string;
}

/** By recipe: what the documented change for the Unix socket replaces, and its snippet. */
const OVER_SOCKET: Readonly<Record<string, readonly [replaced: RegExp, snippet: string]>> = {
  'nginx.conf': [/^upstream keywright \{[^}]*\}$/m, 'nginx 1'],
  Caddyfile: [/^\tforward_auth .*$/m, 'caddyfile 1'],
  'keywright.lua': [/^local destination = nil$/m, 'lua 1'],
};
const DOCUMENTED_SOCKET = '/run/keywright/keywright.sock';

/** A recipe with the documented change for a Unix socket, if it has one. */
function overSocket(file: string, text: string, socket: string): string {
  const [replaced, name] = OVER_SOCKET[file] ?? [];
  if (replaced === undefined) return text;
  if (!replaced.test(text)) throw new Error(`${file} has nothing that the change for the socket replaces.`);
  const change = snippet(`server/docs/gateways.md > Over a Unix socket > ${name}`);
  return text.replace(replaced, () => change.trimEnd().replace(DOCUMENTED_SOCKET, socket));
}

/** A documented recipe with its addresses replaced. */
async function recipe(file: string, { port, directory }: Place, settings: GatewaySettings): Promise<string> {
  const { named, socket, edit = (text: string) => text } = settings;
  const read = edit(await readFile(join(RECIPES, file), 'utf8'));
  const text = socket === undefined ? read : overSocket(file, read, socket);
  return text
    .replaceAll('127.0.0.1:4000', new URL(settings.keywright).host)
    .replaceAll('127.0.0.1:8080', settings.service)
    .replaceAll(/(listen |bind )(?:\S*:)?8000/g, `$1127.0.0.1:${port}`)
    .replaceAll(':8000 {', `http://:${port} {\n\tbind 127.0.0.1`)
    .replaceAll('lua-load keywright.lua', `lua-load ${join(directory, 'keywright.lua')}`)
    .replaceAll(/(\/v1\/authorize(?:\/gateway=[a-z-]+)?)(?=\/production\b)/g, named ? `$1/${named}` : '$1');
}

/** Starts nginx with these lines in its `http` block. */
export async function startNginxWith(http: (place: Place) => Promise<string>): Promise<Peer> {
  const nginx = await debianProgram('nginx');
  return startPeer(nginx, async (place) => {
    const { directory } = place;
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `  ${name}_temp_path ${join(directory, name)};`)
      .join('\n');
    const file = join(directory, 'nginx.conf');
    await writeFile(
      file,
      `${process.getuid?.() === 0 ? `user ${userInfo().username};` : ''}
worker_processes 1;
daemon off;
pid ${join(directory, 'nginx.pid')};
error_log stderr warn;
events {}
http {
  access_log off;
${temporary}
${await http(place)}
}
`,
    );
    return ['-p', directory, '-c', file, '-e', 'stderr'];
  });
}

/** Starts nginx with the recipe; `http` is prepended. */
export const startNginx = (settings: GatewaySettings, http = ''): Promise<Peer> =>
  startNginxWith(async (place) => `${http}\n${await recipe('nginx.conf', place, settings)}`);

/**
 * Starts nginx as ingress-nginx configures it for the annotations of the recipe: the headers of its auth request, and the effect
 * of auth-response-headers and auth-proxy-set-headers.
 */
export const startIngressNginx = (settings: GatewaySettings): Promise<Peer> =>
  startNginxWith(async (place) => {
    const text = await recipe('ingress-nginx.yaml', place, settings);
    const annotation = (name: string): string => new RegExp(`/${name}: (.+)`).exec(text)![1]!;
    const proxied = [...text.split('\ndata:')[1]!.matchAll(/^ {2}([A-Za-z-]+): '(.*)'$/gm)];
    const headers = annotation('auth-response-headers').split(', ');
    const lowered = (name: string): string => name.toLowerCase().replaceAll('-', '_');
    return `
map $http_upgrade $connection_upgrade { default upgrade; '' close; }
large_client_header_buffers 4 32k;
server {
  listen 127.0.0.1:${place.port};
  location = /_external-auth {
    internal;
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_set_header X-Forwarded-Proto "";
    proxy_set_header X-Request-ID $request_id;
    proxy_set_header Host 127.0.0.1;
    proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
    proxy_set_header X-Original-Method $request_method;
    proxy_set_header X-Sent-From "nginx-ingress-controller";
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Auth-Request-Redirect $request_uri;
    proxy_http_version 1.1;
    proxy_pass_request_headers on;
${proxied.map(([, name, value]) => `    proxy_set_header '${name}' '${value}';`).join('\n')}
    set $target ${annotation('auth-url')};
    proxy_pass $target;
  }
  location / {
    auth_request /_external-auth;
${headers
  .map(
    (name, i) =>
      `    auth_request_set $authHeader${i} $upstream_http_${lowered(name)};\n    proxy_set_header '${name}' $authHeader${i};`,
  )
  .join('\n')}
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_http_version 1.1;
    proxy_pass http://${settings.service};
  }
}`;
  });

/** Starts Caddy with the recipe. */
export async function startCaddy(settings: GatewaySettings): Promise<Peer> {
  const caddy = await debianProgram('caddy');
  return startPeer(caddy, async (place) => {
    const file = join(place.directory, 'Caddyfile');
    const options = '{\n\tadmin off\n\tauto_https off\n}\n';
    await writeFile(file, options + (await recipe('Caddyfile', place, settings)));
    return ['run', '--config', file, '--adapter', 'caddyfile'];
  });
}

/** Starts HAProxy with the recipe. */
export async function startHaproxy(settings: GatewaySettings): Promise<Peer> {
  const haproxy = await debianProgram('haproxy');
  return startPeer(haproxy, async (place) => {
    const file = join(place.directory, 'haproxy.cfg');
    await writeFile(join(place.directory, 'keywright.lua'), await recipe('keywright.lua', place, settings));
    await writeFile(file, await recipe('haproxy.cfg', place, settings));
    return ['-db', '-f', file];
  });
}
