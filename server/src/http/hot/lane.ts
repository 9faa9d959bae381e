import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { LaneConnection, type LaneParts } from './lane-connection.js';

/**
 * Stands in front of Node's HTTP server: every connection begins here, and moves on to the server with its first request
 * that is not a plain one to a hot route. Reading and answering on the socket costs half of what the server's own objects do.
 */
export class Lane {
  private readonly connections = new Map<Socket, LaneConnection>();

  constructor(server: Server, parts: Omit<LaneParts, 'others'>) {
    const parsers = server.listeners('connection') as ((socket: Socket) => void)[];
    server.removeAllListeners('connection');
    const others = (socket: Socket): void => {
      this.connections.delete(socket);
      for (const parse of parsers) parse.call(server, socket);
    };
    server.on('connection', (socket) => {
      this.connections.set(socket, new LaneConnection(socket, { ...parts, others }));
      socket.once('close', () => this.connections.delete(socket));
    });
  }

  /** Whether a connection is here, and a whole request is under way on it. */
  isAnswering(socket: Socket): boolean {
    return this.connections.get(socket)?.isAnswering ?? false;
  }

  /** Closes the connections on which nothing is under way. */
  closeIdle(): void {
    for (const connection of this.connections.values()) connection.closeIdle();
  }
}
