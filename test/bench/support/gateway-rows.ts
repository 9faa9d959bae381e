import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createKey, signIn } from '../../support/peers/client.js';
import { freePort } from '../../support/servers/free-port.js';
import { startNginx } from '../../support/servers/gateways.js';
import type { Peer } from '../../support/servers/peer.js';
import { signByTimestamp } from '../../support/peers/signers.js';
import type { Closing } from './closing.js';
import { Loader, startHelper } from './helper-process.js';
import { makeDirectory, OWNER, type Installation } from './keywright-server.js';
import { ASKED } from './seed-verify-keys.js';
import { loadInTurn, type RoundPlan, type Side } from './verify-load.js';
import { median, rawOf, type Row } from './verify-table.js';
import type { Bench } from './verify-rows.js';

const KEYS = 300;
const STARTS_WITHIN_S = 60;
const LIMITS = [{ name: 'minute', limit: 10_000_000, windowSeconds: 60 }];

/** Creates keys through the API and writes the `line` of each to a file; returns its path. */
async function makeKeys(
  closing: Closing,
  { url }: Installation,
  overrides: Record<string, unknown>,
  line: (key: { readonly id: string; readonly secret: string }) => string,
): Promise<string> {
  const bearer = await signIn(url, OWNER);
  const lines: string[] = [];
  for (let i = 0; i < KEYS; i++) {
    const input = { permissions: [ASKED.permission], rateLimits: LIMITS, ...overrides };
    lines.push(line(await createKey(url, { bearer }, input)));
  }
  const file = join(await makeDirectory(closing), 'tokens');
  await writeFile(file, lines.map((each) => `${each}\n`).join(''));
  return file;
}

/** Row a: verifications of timestamp-signed requests, against the bare server that looks up one token. */
export async function signedRow(closing: Closing, bench: Bench, bare: Side, plan: RoundPlan): Promise<Row> {
  const { installation } = bench;
  // The headers of one signed request per key, valid for five minutes.
  const file = await makeKeys(
    closing,
    installation,
    { kind: 'SIGNED', signatureProfiles: ['TIMESTAMP'] },
    (key) => JSON.stringify(signByTimestamp(key, '/').headers).slice(1, -1),
  );
  const { environment, permission, scope, ip } = ASKED;
  const rest = JSON.stringify({ environment, permission, scope });
  const signed: Side = {
    name: 'Keywright, signed',
    target: {
      ...bench.side.target,
      body: [
        `{"request":{"method":"GET","url":"/crm/customers?page=2","ip":"${ip}","headers":{`,
        `}},${rest.slice(1)}`,
      ],
    },
    loader: Loader.start(closing, file),
    pids: bench.side.pids,
  };
  const rounds = await loadInTurn([bare, signed], plan);
  const ratio = ([left, right]: (typeof rounds)[number]): number => right.perSecond / left.perSecond;
  return {
    id: 'a',
    name: 'signed by time, to a bare server',
    figure: median(rounds.map(ratio)),
    wanted: { atLeast: 0.65 },
    raw: rawOf([bare.name, signed.name], rounds, ratio),
  };
}

/** nginx as documented, in front of a service that nginx itself provides. */
async function nginxBefore(closing: Closing, keywright: string): Promise<Peer> {
  const port = await freePort();
  // By default nginx closes a connection after 1,000 requests, but the generator keeps its connections.
  const service = `keepalive_requests 1000000000; server { listen 127.0.0.1:${port}; location / { return 200 '{"valid":true}'; } }`;
  const nginx = await startNginx(
    { keywright, service: `127.0.0.1:${port}`, named: `permission=${ASKED.permission}` },
    service,
  );
  closing.add(() => nginx.stop());
  return nginx;
}

/** Row b: requests through nginx with Keywright, against nginx with a bare server. */
export async function nginxRow(closing: Closing, { installation }: Bench, plan: RoundPlan): Promise<Row> {
  const file = await makeKeys(closing, installation, {}, ({ secret }) => secret);
  const loader = Loader.start(closing, file);
  const helper = await startHelper(closing, 'bare-authorize.mjs', [], STARTS_WITHIN_S);
  const side = async (name: string, url: string, pids: readonly number[]): Promise<Side> => {
    const { port } = await nginxBefore(closing, url);
    return { name, target: { port, path: '/crm/customers?page=2', headers: [] }, loader, pids };
  };
  const bare = await side('nginx and a bare 204', `http://127.0.0.1:${helper.port}`, [helper.pid]);
  const { pid, postgresPid, url } = installation;
  const asks = await side('nginx and Keywright', url, [pid, postgresPid]);
  const rounds = await loadInTurn([bare, asks], plan);
  const ratio = ([left, right]: (typeof rounds)[number]): number => right.perSecond / left.perSecond;
  return {
    id: 'b',
    name: 'requests through nginx, to one that asks a bare server',
    figure: median(rounds.map(ratio)),
    wanted: { atLeast: 0.8 },
    raw: rawOf([bare.name, asks.name], rounds, ratio),
  };
}
