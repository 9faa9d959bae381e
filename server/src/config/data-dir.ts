import { createHash } from 'node:crypto';
import { mkdir, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartError } from './start-error.js';

/** Maximum path length of a Unix socket on all supported systems, minus room for a file name. */
const MAX_SOCKET_PATH = 90;

/** The path of a socket of this data directory: inside it, or in the temporary directory if that path is too long. */
export function socketPath(dataDir: string, name: string): string {
  const inside = join(dataDir, name);
  if (inside.length <= MAX_SOCKET_PATH) return inside;
  return join(tmpdir(), `keywright-${createHash('sha256').update(inside).digest('hex').slice(0, 16)}`);
}

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });

const listen = (path: string): Promise<Server | NodeJS.ErrnoException> =>
  new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', resolve);
    server.listen(path, () => resolve(server));
    server.unref();
  });

/** Whether a process has locked the data directory. */
export const isDataDirLocked = (dataDir: string): Promise<boolean> => answers(socketPath(dataDir, 'lock'));

/**
 * Creates the data directory and locks it for this process; the returned function unlocks it. The lock is a listening socket,
 * so it ends with the process even after a crash. Error: {@link StartError} if another process has locked it.
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
  } catch (cause) {
    throw new StartError(`The data directory ${dataDir} cannot be created: ${(cause as Error).message}.`);
  }
  const path = socketPath(dataDir, 'lock');
  let lock = await listen(path);
  if (lock instanceof Error && lock.code === 'EADDRINUSE') {
    if (await answers(path)) {
      throw new StartError(
        `Another Keywright is running on the data directory ${dataDir}. Stop it first, or set KEYWRIGHT_DATA_DIR to another directory.`,
      );
    }
    // Not `rm`: on Node 20 it leaves the process unable to follow symlinks when it loads modules later.
    await unlink(path).catch(() => undefined);
    lock = await listen(path);
  }
  if (lock instanceof Error) {
    throw new StartError(`The data directory ${dataDir} cannot be locked: ${lock.message}.`);
  }
  const server = lock;
  return () => new Promise((resolve) => server.close(() => resolve()));
}
