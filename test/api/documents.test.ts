import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, sandbox, signIn, verify, type CreatedKey } from '../support/peers/client.js';
import { CookieJar } from '../support/peers/cookie-jar.js';
import { debianProgram } from '../support/servers/debian.js';
import { documents, readDocument, snippetsOf } from '../support/documents.js';
import { startEchoService } from '../support/peers/echo-service.js';
import { eventually } from '../support/eventually.js';
import { tryExpressApp } from '../support/peers/express-example.js';
import { freePort } from '../support/servers/free-port.js';
import { call } from '../support/peers/gateway-client.js';
import { startCaddy, startHaproxy, startNginx, type GatewaySettings } from '../support/servers/gateways.js';
import { request } from '../support/peers/graphql.js';
import { makeLicensor, writeLicense, type LicensePayload } from '../support/seed/license.js';
import { startPathProxy } from '../support/peers/path-proxy.js';
import type { Peer } from '../support/servers/peer.js';
import { runCurl, runShell } from '../support/peers/shell.js';
import { CUSTOMER, signInThere, startSingleSignOn, viewerOf } from '../support/servers/single-sign-on.js';
import { signByTimestamp } from '../support/peers/signers.js';
import { startKeywright, temporaryDirectory, type Keywright } from '../support/servers/start-keywright.js';
import { steps } from '../support/steps.mjs';

const root = resolve(import.meta.dirname, '../..');

let keywright: Keywright;
let bearer: string;
let verifier: CreatedKey;
let reader: CreatedKey;

beforeAll(async () => {
  keywright = await startKeywright();
  bearer = await signIn(keywright.url);
  verifier = await createKey(keywright.url, { bearer }, { permissions: ['keywright.verify'] });
  reader = await createKey(keywright.url, { bearer }, { permissions: ['view_customer'] });
});
afterAll(() => keywright.stop());

/** The built programs instead of npm scripts, which would first build a changed checkout. */
const built = (code: string): string =>
  code
    .replace(/npm start( +#.*)?$/m, `exec '${process.execPath}' server/dist/main.js`)
    .replace('npm run keywright --', `'${process.execPath}' server/dist/cli.js`);

const here = (code: string): string =>
  code
    .replaceAll('http://127.0.0.1:4000', keywright.url)
    .replaceAll('<your key>', reader.secret)
    .replaceAll('<the caller’s key>', verifier.secret);

/** Each line must exist in the checkout: a script of a package, a step of `npm test`, or a file. */
function expectCommands(code: string): void {
  const scripts = (folder: string): Record<string, string> =>
    JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).scripts;
  for (const line of code.trim().split('\n')) {
    const command = line.replace(/ +#.*$/, '');
    const [, script, names] = /^npm (?:run )?([\w:]+)(?: -- (.*))?$/.exec(command) ?? [];
    const [, pnpm] = /^npx --yes (pnpm@[\d.]+) install$/.exec(command) ?? [];
    const [, config, file] = /^cd test && npx vitest run --config (\S+) (\S+)$/.exec(command) ?? [];
    if (script !== undefined) {
      expect(Object.keys(scripts('.'))).toContain(script);
      const wanted = script.startsWith('test') ? (names?.split(' ') ?? []) : [];
      for (const wish of wanted) expect(steps.filter(({ name }) => name.startsWith(wish))).not.toEqual([]);
    } else if (pnpm !== undefined) expect(scripts('.')['build']).toContain(pnpm);
    else {
      const missing = [config, file].filter((path) => !path || !existsSync(join(root, 'test', path)));
      expect(missing, command).toEqual([]);
    }
  }
}

/** Runs a line that starts a process, until it is ready, on this file's database. */
async function startLine(line: string): Promise<void> {
  const dataDir = await temporaryDirectory();
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(NODE_ENV|VITEST.*|npm_.*)$/.test(name),
  );
  const code = line.replace('postgres://…', keywright.database.url).replace('KEYWRIGHT_DATA_DIR=… ', '');
  const settings = {
    PORT: '0',
    KEYWRIGHT_DATA_DIR: dataDir,
    KEYWRIGHT_MASTER_KEY_FILE: keywright.settings['KEYWRIGHT_MASTER_KEY_FILE']!,
  };
  const child = spawn('sh', ['-c', built(code)], {
    cwd: root,
    env: { ...Object.fromEntries(inherited), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += String(part)));
  const ended = new Promise((done) => child.once('close', done));
  try {
    await eventually(() => expect(output).toContain('Keywright is ready at'), 60_000);
  } finally {
    child.kill('SIGTERM');
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Starts a gateway with the change that the snippet shows, and so asks Keywright's Unix socket instead of its port. */
async function expectOverSocket(start: (settings: GatewaySettings) => Promise<Peer>): Promise<void> {
  const directory = await temporaryDirectory();
  const socket = join(directory, 'keywright.sock');
  const env = { KEYWRIGHT_SOCKET: socket, KEYWRIGHT_TRUSTED_PROXIES: 'unix' };
  const listening = await startKeywright({ env });
  const service = await startEchoService();
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const named = 'permission=view_customer';
  const gateway = await start({ keywright: nobody, socket, service: service.address, named });
  try {
    const key = await createKey(listening.url, { bearer: await signIn(listening.url) });
    expect((await call(gateway, '/crm', { 'x-api-key': key.secret })).status).toBe(200);
    expect((await call(gateway, '/crm')).status).toBe(401);
  } finally {
    await gateway.stop();
    await service.stop();
    await listening.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

const checks: Record<string, (code: string) => Promise<void> | void> = {
  'README.md > Run it > sh 1': expectCommands,
  'README.md > Your first key > sh 1': async (code) => {
    expect((await runCurl(here(code))).status).toBe(200);
  },
  'README.md > Your first key > sh 2': async (code) => {
    expect(JSON.parse(await runShell(here(code)))).toMatchObject({ valid: true, keyId: reader.id });
  },
  'README.md > Your first key > json 1': async (code) => {
    const answer = await verify(keywright.url, verifier.secret, {
      key: reader.secret,
      permission: 'view_customer',
    });
    expect(answer.body).toMatchObject({ ...JSON.parse(code), keyId: reader.id });
  },
  'README.md > Your first key > sh 3': async (code) => {
    const maker = await createKey(
      keywright.url,
      { bearer },
      { permissions: ['keywright.keys.write', 'view_invoice'] },
    );
    const answer = await runShell(here(code).replace('<a key with keywright.keys.write>', maker.secret));
    expect(JSON.parse(answer)).toEqual({
      data: {
        createApiKey: {
          secret: { keyId: expect.stringMatching(/^key_/), secret: expect.stringMatching(/^kw_live_/) },
        },
      },
    });
  },
  'schema/README.md > Node client > js 1': (code) => tryExpressApp(code, keywright.url, { verifier, reader }),
  'server/docs/limits.md > Limits and quotas > http 1': async (code) => {
    const limited = await createKey(
      keywright.url,
      { bearer },
      {
        permissions: ['view_customer'],
        rateLimits: [{ name: 'minute', limit: 100, windowSeconds: 60 }],
        quotas: [{ period: 'DAY', limit: 10_000 }],
      },
    );
    const { status, headers } = await sandbox(keywright.url, 'production/customers', limited.secret);
    expect(status).toBe(200);
    const sent = ['RateLimit-Policy', 'RateLimit'].map((name) => `${name}: ${headers.get(name)}\n`).join('');
    const untimed = (text: string): string => text.replaceAll(/;t=\d+/g, ';t=0');
    expect(untimed(sent)).toBe(untimed(code));
  },
  'server/docs/signing.md > Verifying a signed request > json 1': async (code) => {
    const input = { kind: 'SIGNED', signatureProfiles: ['TIMESTAMP'], permissions: ['*'] };
    const key = await createKey(keywright.url, { bearer }, input);
    const question = JSON.parse(code) as {
      request: { method: string; url: string; headers: Record<string, string> };
    };
    Object.assign(question.request.headers, signByTimestamp(key, question.request.url).headers);
    expect((await verify(keywright.url, verifier.secret, question)).body).toMatchObject({
      valid: true,
      keyId: key.id,
    });
  },
  'server/docs/operating/settings.md > License file > json 1': async (code) => {
    const license = JSON.parse(code) as LicensePayload;
    const licensor = makeLicensor();
    const directory = await temporaryDirectory();
    const file = await writeLicense(directory, licensor.sign(license));
    const env = { KEYWRIGHT_LICENSE_FILE: file, KEYWRIGHT_LICENSE_PUBLIC_KEY: licensor.publicKey };
    const licensed = await startKeywright({ env });
    try {
      const query = '{ license { holder maximumKeys validUntil } }';
      const answer = await request<{ license: LicensePayload }>(
        licensed.url,
        query,
        {},
        { bearer: await signIn(licensed.url) },
      );
      const validUntil = new Date(license.validUntil!).toISOString();
      expect(answer.license).toEqual({ ...license, validUntil });
    } finally {
      await licensed.stop();
      await rm(directory, { recursive: true, force: true });
    }
  },
  'server/docs/operating/several-processes.md > Several processes > sh 1': async (code) => {
    const lines = code.trim().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) await startLine(line);
  },
  'server/docs/operating/secrets.md > Backups > sh 1': async (code) => {
    // The distribution's pg_dump may be older than the included server and then refuses it; psql still connects.
    await debianProgram('psql', 'postgresql-client');
    const directory = await temporaryDirectory();
    const dataDir = join(directory, '.data');
    await mkdir(dataDir);
    const included = await startKeywright({
      env: { DATABASE_URL: '', KEYWRIGHT_DATA_DIR: dataDir, KEYWRIGHT_MASTER_KEY_FILE: '' },
    });
    try {
      const line = code
        .replace('pg_dump', 'psql --tuples-only --no-align --command="select count(*) from app_user"')
        .replace('--file=keywright.sql ', '');
      expect(await runShell(line, { cwd: directory })).toBe('1\n');
    } finally {
      await included.stop();
      await rm(directory, { recursive: true, force: true });
    }
  },
  'server/docs/operating/single-sign-on.md > Single sign-on > sh 1': async (code) => {
    const printed = await runShell(`set -a\n${code}\nenv`);
    const settings = Object.fromEntries(
      [...printed.matchAll(/^(OIDC_(?:SCOPES|GROUP_ROLES))=(.*)$/gm)].map(([, name, value]) => [
        name,
        value!.replace('scp_…', CUSTOMER),
      ]),
    );
    expect(Object.keys(settings)).toHaveLength(2);
    const both = await startSingleSignOn({ env: settings });
    try {
      const person = { sub: 'p1', email: 'platform@example.test', email_verified: true, name: 'Platform' };
      both.provider.be({ ...person, groups: ['platform'] });
      const jar = new CookieJar();
      await signInThere(both.url, jar);
      expect((await viewerOf(both.url, jar)).permissions).toContain('*');
    } finally {
      await both.stop();
    }
  },
  'server/docs/operating/command-line.md > Command line > sh 1': async (code) => {
    const output = await runShell(built(code), { env: keywright.settings, cwd: root });
    expect(output).toContain('master key');
  },
  'server/docs/operating/proxies.md > At a path of another host > nginx 1': async () => {
    const port = String(await freePort());
    const proxied = await startKeywright({ env: { PORT: port, PUBLIC_URL: 'http://keys.example.test/kw' } });
    const proxy = await startPathProxy(`http://127.0.0.1:${port}`, false);
    try {
      const answer = await fetch(`http://127.0.0.1:${proxy.port}/kw/readyz`);
      expect(answer.status).toBe(200);
    } finally {
      await proxy.stop();
      await proxied.stop();
    }
  },
  'server/docs/gateways.md > Over a Unix socket > nginx 1': () => expectOverSocket(startNginx),
  'server/docs/gateways.md > Over a Unix socket > caddyfile 1': () => expectOverSocket(startCaddy),
  'server/docs/gateways.md > Over a Unix socket > lua 1': () => expectOverSocket(startHaproxy),
  '.github/CONTRIBUTING.md > Contributing > sh 1': expectCommands,
  'test/README.md > Tests > sh 1': expectCommands,
};

describe('the snippets in the documentation work unmodified', () => {
  const snippets = documents().flatMap(snippetsOf);

  test.each(snippets)('$name', { timeout: 180_000 }, async ({ name, code }) => {
    await (checks[name] ?? expect.fail('Add a check that runs this snippet.'))(code);
  });

  test('every check has its snippet', () => {
    expect(Object.keys(checks).filter((name) => !snippets.some((one) => one.name === name))).toEqual([]);
  });

  test('every setting has a row, and every row is a setting', () => {
    const config = join(root, 'server/src/config');
    const known = readdirSync(config).flatMap((file) =>
      [...readFileSync(join(config, file), 'utf8').matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(
        ([, name]) => name!,
      ),
    );
    const rows = readDocument('server/docs/operating/settings.md').matchAll(/^\| (`[A-Z].*?) \|/gm);
    const documented = [...rows].flatMap(([, names = '']) => names.trim().replaceAll('`', '').split(/, */));
    expect(documented.toSorted()).toEqual([...new Set(known)].toSorted());
  });

  test('every relative link has a target', () => {
    const lost = documents().flatMap((path) =>
      [...readDocument(path).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
        if (/^[a-z]+:/.test(target)) return [];
        const [file = '', anchor] = target.split('#');
        const found = file === '' ? path : join(dirname(path), file);
        if (!existsSync(join(root, found))) return [`${path}: ${target}`];
        if (anchor === undefined) return [];
        const anchors = [...readDocument(found).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
          title
            .toLowerCase()
            .replaceAll(/[^\w\- ]/g, '')
            .replaceAll(' ', '-'),
        );
        return anchors.includes(anchor) ? [] : [`${path}: ${target}`];
      }),
    );
    expect(lost).toEqual([]);
  });
});
