import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A TCP proxy whose connections can be cut and restored. */
export interface CuttableProxy {
  /** The URL of the server through this proxy. */
  readonly url: string;
  /** Breaks every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Accepts connections again, on the same port. */
  mend(): Promise<void>;
  /** Drops all bytes in both directions and lets new connections hang, until {@link unswallow}, which breaks them all. */
  swallow(): void;
  unswallow(): void;
  /** Redirects to the server of another URL and breaks every connection. */
  lead(target: string): void;
  close(): Promise<void>;
}

/** Puts a proxy in front of the server of a URL. */
export async function cuttableProxy(target: string): Promise<CuttableProxy> {
  let { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let swallowing = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('data', (chunk) => {
        if (!swallowing && !other.destroyed) other.write(chunk);
      });
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  let ownPort = 0;
  const mend = (): Promise<void> => new Promise((done) => server.listen(ownPort, '127.0.0.1', done));
  const cut = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done());
      for (const socket of sockets) socket.destroy();
    });
  await mend();
  ownPort = (server.address() as AddressInfo).port;
  const url = new URL(target);
  url.host = `127.0.0.1:${ownPort}`;
  const swallow = (): void => void (swallowing = true);
  const unswallow = (): void => {
    swallowing = false;
    for (const socket of sockets) socket.destroy();
  };
  const lead = (other: string): void => {
    ({ hostname, port } = new URL(other));
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    lead,
    cut,
    mend,
    swallow,
    unswallow,
    close: () => (server.listening ? cut() : Promise.resolve()),
  };
}
