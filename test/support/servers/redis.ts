import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { debianProgram } from './debian.js';
import { startPeer, type Peer } from './peer.js';

const run = promisify(execFile);

/** A real Redis with a password and default snapshots. */
export interface TestRedis extends Peer {
  /** Includes the password. */
  readonly url: string;
  readonly password: string;
  /** Sends a command and returns the reply. */
  command(...words: string[]): Promise<string>;
  /** Deletes the snapshot of a killed server, so that it restarts empty. */
  forget(): Promise<void>;
}

/** Starts a Redis, installing it if needed; `settings` are extra arguments. */
export async function startRedis(settings: readonly string[] = []): Promise<TestRedis> {
  const program = await debianProgram('redis-server');
  const password = randomBytes(16).toString('hex');
  const peer = await startPeer(program, async ({ port, directory }) => {
    const own = ['--bind', '127.0.0.1', '--port', String(port), '--requirepass', password];
    if (!settings.includes('--sentinel')) return [...own, '--save', '1 1', ...settings];
    // A Sentinel writes its state into its configuration file.
    const file = join(directory, 'sentinel.conf');
    await writeFile(file, '');
    return [file, ...own, ...settings];
  });
  return {
    ...peer,
    command: async (...words) => {
      const cli = await debianProgram('redis-cli', 'redis-tools');
      const place = ['-h', '127.0.0.1', '-p', String(peer.port), '--no-auth-warning'];
      const { stdout } = await run(cli, [...place, '-a', password, ...words]);
      return stdout.trim();
    },
    password,
    url: `redis://:${password}@127.0.0.1:${peer.port}`,
    forget: () => rm(join(peer.directory, 'dump.rdb'), { force: true }),
  };
}
