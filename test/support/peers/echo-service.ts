import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One request as seen by a service behind a gateway. */
export interface SeenRequest {
  readonly method: string;
  /** The unchanged path. */
  readonly url: string;
  /** All values by lowercase name. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
}

/** A service behind a gateway. */
export interface EchoService {
  /** Host and port. */
  readonly address: string;
  /** The requests received, in order. */
  readonly seen: SeenRequest[];
  stop(): Promise<void>;
}

const MAX_HEADER_BYTES = 64 * 1024;
/** The GUID of WebSocket handshakes (RFC 6455, section 1.3). */
const HANDSHAKE = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

function seenOf(request: IncomingMessage, body: string): SeenRequest {
  const headers: Record<string, string[]> = {};
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    (headers[request.rawHeaders[i]!.toLowerCase()] ??= []).push(request.rawHeaders[i + 1]!);
  }
  return { method: request.method!, url: request.url!, headers, body };
}

/**
 * Starts a service that answers every request with 200 and the request as JSON; it accepts upgrades to any protocol and then
 * echoes all bytes.
 */
export async function startEchoService(): Promise<EchoService> {
  const seen: SeenRequest[] = [];
  const upgraded = new Set<Socket>();
  const server: Server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const one = seenOf(request, body);
      seen.push(one);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(one));
    });
  });
  server.on('upgrade', (request, socket: Socket, head) => {
    seen.push(seenOf(request, ''));
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket)).once('error', () => socket.destroy());
    const key = request.headers['sec-websocket-key'] ?? '';
    const accept = createHash('sha1').update(`${key}${HANDSHAKE}`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${request.headers.upgrade}\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.write(head);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    seen,
    stop: async () => {
      for (const socket of upgraded) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
