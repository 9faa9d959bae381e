import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { FastPathConnection, type FastPathDeps } from './fast-path-connection.js';

/**
 * Sits in front of Node's HTTP server: every connection starts here and moves on to the server with its first request that is
 * not a simple one to a hot route. Reading and answering on the socket costs half as much as the server's own objects.
 */
export class FastPath {
  private readonly connections = new Map<Socket, FastPathConnection>();

  constructor(server: Server, deps: Omit<FastPathDeps, 'handOver'>) {
    const parsers = server.listeners('connection') as ((socket: Socket) => void)[];
    server.removeAllListeners('connection');
    const handOver = (socket: Socket): void => {
      this.connections.delete(socket);
      for (const parse of parsers) parse.call(server, socket);
    };
    server.on('connection', (socket) => {
      this.connections.set(socket, new FastPathConnection(socket, { ...deps, handOver }));
      socket.once('close', () => this.connections.delete(socket));
    });
  }

  /** Whether the socket is on the fast path and has a complete pending request. */
  isAnswering(socket: Socket): boolean {
    return this.connections.get(socket)?.isAnswering ?? false;
  }

  /** Closes the idle connections. */
  closeIdle(): void {
    for (const connection of this.connections.values()) connection.closeIdle();
  }
}
