import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inject } from 'vitest';
import { signIn } from '../peers/client.js';
import { request } from '../peers/graphql.js';
import { createDatabase, queryOnce, type FreshDatabase } from './fresh-database.js';
import { startKeywrightOn, type Keywright } from './start-keywright.js';

/** A running Keywright with default settings, which test files of one worker share. */
export interface SharedKeywright {
  /** Base URL without a trailing slash. */
  readonly url: string;
  readonly databaseUrl: string;
  /** A session of the owner of the installation. */
  readonly owner: string;
}

/** Gives each worker its own server, started when the worker first asks for one. */
export interface SharedServers {
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves the shared servers of this run from the process that outlives its workers. */
export async function shareServers(postgresUrl: string, template: string): Promise<SharedServers> {
  const started = new Map<string, Promise<{ keywright: Keywright; shared: SharedKeywright }>>();
  const start = async () => {
    const keywright = await startKeywrightOn(await createDatabase(postgresUrl, template));
    const { url, database } = keywright;
    return { keywright, shared: { url, databaseUrl: database.url, owner: await signIn(url) } };
  };
  const answer = async (path: string): Promise<string> => {
    const [worker, part] = path.split('/').slice(1);
    if (!started.has(worker!)) started.set(worker!, start());
    const { shared, keywright } = await started.get(worker!)!;
    if (part === 'output') return keywright.process.stdout() + keywright.process.stderr();
    await expectOwner(shared);
    return JSON.stringify(shared);
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
      const all = await Promise.allSettled(started.values());
      for (const one of all) if (one.status === 'fulfilled') await one.value.keywright.stop();
    },
  };
}

/** Rejects if an earlier file has changed the rights of the owner, so that no outcome depends on the order of the files. */
async function expectOwner({ url, owner }: SharedKeywright): Promise<void> {
  const { viewer } = await request<{ viewer: { permissions: string[] } }>(
    url,
    '{ viewer { permissions } }',
    {},
    { bearer: owner },
  );
  if (viewer.permissions.join() !== '*')
    throw new Error('An earlier file has changed the rights of its owner.');
}

/** The shared server of this worker. */
export async function sharedKeywright(): Promise<
  Pick<SharedKeywright, 'url' | 'owner'> & {
    readonly database: Pick<FreshDatabase, 'url' | 'query'>;
    /** All output so far, also of earlier files. */
    readonly output: () => Promise<string>;
  }
> {
  const place = `${inject('sharedServers')}/${process.env['VITEST_POOL_ID']}`;
  const response = await fetch(place);
  if (!response.ok) throw new Error(`The shared server cannot be used. ${await response.text()}`);
  const { url, databaseUrl, owner } = (await response.json()) as SharedKeywright;
  return {
    url,
    owner,
    database: { url: databaseUrl, query: (text, values) => queryOnce(databaseUrl, text, values) },
    output: async () => (await fetch(`${place}/output`)).text(),
  };
}
