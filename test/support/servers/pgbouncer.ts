import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianProgram } from './debian.js';
import { queryOnce } from './fresh-database.js';
import { startPeer } from './peer.js';

/** Pool mode: how long a client keeps its connection to PostgreSQL. */
export type PoolMode = 'session' | 'transaction' | 'statement';

/** A real PgBouncer in front of a PostgreSQL. */
export interface PgBouncer {
  /** URL of the same database through PgBouncer. */
  readonly url: string;
  /** Changes the pool mode while clients are connected. */
  setMode(mode: PoolMode): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a PgBouncer, installing it if needed; `settings` are extra lines of its configuration. */
export async function startPgBouncer(
  target: string,
  mode: PoolMode,
  settings: readonly string[] = [],
): Promise<PgBouncer> {
  const program = await debianProgram('pgbouncer');
  const { hostname, port: targetPort, username, pathname } = new URL(target);
  let file = '';
  const write = (port: number, directory: string, poolMode: PoolMode): Promise<void> => {
    file = join(directory, 'pgbouncer.ini');
    const lines = [
      '[databases]',
      `* = host=${hostname} port=${targetPort} user=${username}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      'admin_users = keywright',
      `pool_mode = ${poolMode}`,
      'default_pool_size = 40',
      'max_client_conn = 500',
      ...settings,
    ];
    return writeFile(file, `${lines.join('\n')}\n`);
  };
  const peer = await startPeer(program, async ({ port, directory }) => {
    await write(port, directory, mode);
    // PgBouncer refuses to run as root.
    return process.getuid?.() === 0 ? ['-u', 'nobody', file] : [file];
  });
  const base = `postgres://keywright:keywright@127.0.0.1:${peer.port}`;
  return {
    url: `${base}${pathname}`,
    async setMode(poolMode) {
      await write(peer.port, peer.directory, poolMode);
      await queryOnce(`${base}/pgbouncer`, 'reload');
    },
    stop: () => peer.stop(),
  };
}
