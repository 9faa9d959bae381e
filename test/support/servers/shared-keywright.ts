import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inject } from 'vitest';
import { signIn } from '../peers/client.js';
import { createDatabase, queryOnce, type FreshDatabase } from './fresh-database.js';
import { startKeywrightOn, type Keywright } from './start-keywright.js';

/** New in each test file, because each has its own copy of this module. */
const FILE = randomUUID();

/** A running Keywright with default settings, for one test file. */
export interface SharedKeywright {
  /** Base URL without a trailing slash. */
  readonly url: string;
  readonly databaseUrl: string;
  /** A session of the owner of the installation. */
  readonly owner: string;
}

/** Gives each test file its own server, started when the file first asks for it; it ends when its worker's next file asks. */
export interface SharedServers {
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves the shared servers of this run from the process that outlives its workers. */
export async function shareServers(postgresUrl: string, template: string): Promise<SharedServers> {
  type Started = Promise<{ keywright: Keywright; shared: SharedKeywright }>;
  const started = new Map<string, { readonly file: string; readonly running: Started }>();
  const start = async () => {
    const keywright = await startKeywrightOn(await createDatabase(postgresUrl, template));
    const { url, database } = keywright;
    return { keywright, shared: { url, databaseUrl: database.url, owner: await signIn(url) } };
  };
  const answer = async (path: string): Promise<string> => {
    const [worker, file, part] = path.split('/').slice(1);
    const before = started.get(worker!);
    if (before?.file !== file) {
      started.set(worker!, { file: file!, running: start() });
      await before?.running.then(({ keywright }) => keywright.stop());
    }
    const { shared, keywright } = await started.get(worker!)!.running;
    return part === 'output'
      ? keywright.process.stdout() + keywright.process.stderr()
      : JSON.stringify(shared);
  };
  const server = createServer((request, response) => {
    answer(request.url!).then(
      (text) => response.end(text),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      // One that did not start has failed its files already.
      const all = await Promise.allSettled([...started.values()].map(({ running }) => running));
      for (const one of all) if (one.status === 'fulfilled') await one.value.keywright.stop();
    },
  };
}

/** The server of this test file. */
export async function sharedKeywright(): Promise<
  Pick<SharedKeywright, 'url' | 'owner'> & {
    readonly database: Pick<FreshDatabase, 'url' | 'query'>;
    /** All output so far. */
    readonly output: () => Promise<string>;
  }
> {
  const place = `${inject('sharedServers')}/${process.env['VITEST_POOL_ID']}/${FILE}`;
  const response = await fetch(place);
  if (!response.ok) throw new Error(`The shared server did not start. ${await response.text()}`);
  const { url, databaseUrl, owner } = (await response.json()) as SharedKeywright;
  return {
    url,
    owner,
    database: { url: databaseUrl, query: (text, values) => queryOnce(databaseUrl, text, values) },
    output: async () => (await fetch(`${place}/output`)).text(),
  };
}
