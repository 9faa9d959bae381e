import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { debianProgram } from './debian.js';
import { startPeer, type Peer } from './peer.js';

/** A real Redis that asks for a password, and now and then saves what it holds, as Redis does by itself. */
export interface TestRedis extends Peer {
  /** With the password in it. */
  readonly url: string;
  readonly password: string;
  /** Deletes what a killed one has saved, so that it comes back with nothing. */
  forget(): Promise<void>;
}

/** Starts a Redis, which is installed first where there is none. */
export async function startRedis(): Promise<TestRedis> {
  const program = await debianProgram('redis-server');
  const password = randomBytes(16).toString('hex');
  const peer = await startPeer(program, ({ port }) =>
    ['--bind', '127.0.0.1', '--port', String(port), '--requirepass', password].concat(['--save', '1 1']),
  );
  return {
    ...peer,
    password,
    url: `redis://:${password}@127.0.0.1:${peer.port}`,
    forget: () => rm(join(peer.directory, 'dump.rdb'), { force: true }),
  };
}
