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
import { loadInTurn, type Measured, type RoundPlan, type Rounds, type Side } from './verify-load.js';
import { median, rawOf, type Row } from './verify-table.js';
import type { Bench } from './verify-rows.js';

const KEYS = 300;
const STARTS_WITHIN_S = 60;
const WARM_UP_REQUESTS = 20_000;
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
async function nginxBefore(closing: Closing, asked: { keywright: string; socket?: string }): Promise<Peer> {
  const port = await freePort();
  // By default nginx closes a connection after 1,000 requests, but the generator keeps its connections.
  const service = `keepalive_requests 1000000000; server { listen 127.0.0.1:${port}; location / { return 200 '{"valid":true}'; } }`;
  const nginx = await startNginx(
    { ...asked, service: `127.0.0.1:${port}`, named: `permission=${ASKED.permission}` },
    service,
  );
  closing.add(() => nginx.stop());
  return nginx;
}

const SERVERS = ['nginx and a bare 204', 'nginx and Keywright'] as const;

const rate = ([bare, keywright]: Rounds[number]): number => keywright.perSecond / bare.perSecond;
const cost = ([bare, keywright]: Rounds[number]): number => keywright.cpuMicroseconds / bare.cpuMicroseconds;

/** Row e: CPU time of the asked process per question, against that of the bare server. */
function costRow(rounds: Rounds): Row {
  const ofRounds = (side: 0 | 1, figure: (each: Measured) => number): string =>
    median(rounds.map((round) => figure(round[side]))).toFixed(1);
  return {
    id: 'e',
    name: 'CPU time of a question from nginx, to that of a bare server',
    figure: median(rounds.map(cost)),
    wanted: { atMost: 1.8 },
    raw: [
      ...SERVERS.map((name, i) => {
        const side = i === 0 ? 0 : 1;
        const [cpu, user] = [
          ofRounds(side, (each) => each.cpuMicroseconds),
          ofRounds(side, (each) => each.userMicroseconds),
        ];
        const idle = ((rounds[0]?.[side].idleCores ?? 0) * 1000).toFixed(0);
        return `${name.padEnd(SERVERS[0].length)}  ${cpu} µs, of which ${user} µs user time; without ${idle} ms a second while idle`;
      }),
      `${rounds.length} rounds, ratios ${rounds.map((round) => cost(round).toFixed(2)).join(' ')}`,
    ],
  };
}

/**
 * Rows b, e and f: requests through nginx with Keywright, against nginx with a bare server, and the CPU time of each question;
 * and requests with both servers on Unix sockets.
 * @param socket The Unix socket of the installation.
 */
export async function nginxRows(
  closing: Closing,
  { installation }: Bench,
  plan: RoundPlan,
  socket: string,
): Promise<Row[]> {
  const file = await makeKeys(closing, installation, {}, ({ secret }) => secret);
  const loader = Loader.start(closing, file);
  const bareSocket = join(await makeDirectory(closing), 'bare.sock');
  const helper = await startHelper(closing, 'bare-authorize.mjs', [bareSocket], STARTS_WITHIN_S);
  const bareUrl = `http://127.0.0.1:${helper.port}`;
  const { pid, postgresPid, url } = installation;
  const compare = async (over: { bare?: string; keywright?: string }): Promise<Rounds> => {
    const side = async (i: 0 | 1, keywright: string, path: string | undefined): Promise<Side> => {
      const { port } = await nginxBefore(closing, {
        keywright,
        ...(path === undefined ? {} : { socket: path }),
      });
      const pids = i === 0 ? [helper.pid] : [pid, postgresPid];
      return { name: SERVERS[i], target: { port, path: '/crm/customers?page=2', headers: [] }, loader, pids };
    };
    const sides = [await side(0, bareUrl, over.bare), await side(1, url, over.keywright)] as const;
    return loadInTurn(sides, { ...plan, warmUpRequests: WARM_UP_REQUESTS });
  };
  const overTcp = await compare({});
  const overSockets = await compare({ bare: bareSocket, keywright: socket });
  return [
    {
      id: 'b',
      name: 'requests through nginx, to one that asks a bare server',
      figure: median(overTcp.map(rate)),
      wanted: { atLeast: 0.8 },
      raw: rawOf(SERVERS, overTcp, rate),
    },
    costRow(overTcp),
    {
      id: 'f',
      name: 'requests through nginx, both servers on Unix sockets',
      figure: median(overSockets.map(rate)),
      wanted: { atLeast: 0.7 },
      raw: rawOf(SERVERS, overSockets, rate),
    },
  ];
}
