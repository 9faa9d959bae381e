import { readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { debianProgram } from './debian.js';
import { startPeer, type Peer, type Place } from './peer.js';

const RECIPES = join(import.meta.dirname, '../../web/src/pages/docs/gateways');

/** What a gateway stands between. */
export interface GatewaySettings {
  /** Base URL of Keywright. */
  readonly keywright: string;
  /** Host and port of the service behind the gateway. */
  readonly service: string;
  /** What it asks Keywright; absent: the route rules decide. */
  readonly question?: string;
}

/** A recipe of the documentation, with its addresses replaced. */
async function recipe(file: string, { port, directory }: Place, settings: GatewaySettings): Promise<string> {
  const text = await readFile(join(RECIPES, file), 'utf8');
  return text
    .replaceAll('127.0.0.1:4000', new URL(settings.keywright).host)
    .replaceAll('127.0.0.1:8080', settings.service)
    .replaceAll(/(listen |bind )(?:\S*:)?8000/g, `$1127.0.0.1:${port}`)
    .replaceAll(':8000 {', `http://:${port} {\n\tbind 127.0.0.1`)
    .replaceAll('lua-load keywright.lua', `lua-load ${join(directory, 'keywright.lua')}`)
    .replaceAll(
      /(\/v1\/authorize\/production)(?=[;"\n]|$)/g,
      `$1${settings.question === undefined ? '' : `?${settings.question}`}`,
    );
}

/** Starts nginx with the recipe; `http` is put in front of it. */
export async function startNginx(settings: GatewaySettings, http = ''): Promise<Peer> {
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
${http}
${await recipe('nginx.conf', place, settings)}
}
`,
    );
    return ['-p', directory, '-c', file, '-e', 'stderr'];
  });
}

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
