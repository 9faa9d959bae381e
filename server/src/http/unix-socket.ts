import { lstat, stat, unlink } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { StartError } from '../config/start-error.js';

/** Only the account and the group of this process can connect. */
const OTHERS_UMASK = 0o117;

const unixPeers = new WeakSet<object>();

/** Whether a connection came over the Unix socket, so that its peer has no address; a closed TCP socket has none either. */
export const cameOverUnixSocket = (socket: object): boolean => unixPeers.has(socket);

/** Binds at once, so that no other file is created with this mask, and nobody connects before the mode is set. */
function listen(server: NetServer, path: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    server.once('error', resolve);
    const before = process.umask(OTHERS_UMASK);
    try {
      server.listen(path, () => {
        server.off('error', resolve);
        resolve(undefined);
      });
    } finally {
      process.umask(before);
    }
  });
}

const hasListener = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    // Other errors, such as that of a full backlog, are those of a listener.
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    );
  });

const inUse = (path: string): string =>
  `Another process listens on ${path}. Stop it first, or set KEYWRIGHT_SOCKET to another path.`;

/** Removes the socket file of a process that is gone. Error: {@link StartError} if it is anything else. */
async function removeStale(path: string): Promise<void> {
  const file = await lstat(path).catch(() => undefined);
  if (file && !file.isSocket()) {
    throw new StartError(
      `${path} exists and is not a socket. Move it away, or set KEYWRIGHT_SOCKET to another path.`,
    );
  }
  if (file && (await hasListener(path))) throw new StartError(inUse(path));
  // Not `rm`: on Node 20 it leaves the process unable to follow symlinks when it loads modules later.
  await unlink(path).catch(() => undefined);
}

async function reasonOf({ code, message }: NodeJS.ErrnoException, path: string): Promise<string> {
  if (code === 'EADDRINUSE') return inUse(path);
  // A missing directory and one without rights have the same code here.
  const directory = await stat(dirname(path)).catch(() => undefined);
  const [why, remedy] = !directory?.isDirectory()
    ? ['its directory does not exist', 'Create it']
    : code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
      ? ['this user may not write to its directory', "Change the directory's owner or mode"]
      : [message, 'Solve that'];
  return `The socket ${path} cannot be created: ${why}. ${remedy}, or set KEYWRIGHT_SOCKET to another path.`;
}

/**
 * Lets an HTTP server also take connections from a Unix socket, which only the account and the group of this process can open.
 * Closing the returned server removes the file. Error: {@link StartError}.
 * @param path Absolute.
 */
export async function listenOnUnixSocket(http: Server, path: string): Promise<NetServer> {
  const server = createServer({ allowHalfOpen: true }, (socket: Socket & { server?: NetServer }) => {
    unixPeers.add(socket);
    // Node reads the settings of a connection from here.
    socket.server = http;
    http.emit('connection', socket);
  });
  let fault = await listen(server, path);
  if (fault?.code === 'EADDRINUSE') {
    await removeStale(path);
    fault = await listen(server, path);
  }
  if (fault) throw new StartError(await reasonOf(fault, path), { cause: fault });
  return server;
}
