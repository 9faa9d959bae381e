import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a service behind a gateway saw of one request. */
export interface SeenRequest {
  readonly method: string;
  /** The path as it came. */
  readonly url: string;
  /** Names as they came, in lower case, with all values. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
}

/** A service behind a gateway. */
export interface EchoService {
  /** Host and port. */
  readonly address: string;
  /** What it saw, in order. */
  readonly seen: SeenRequest[];
  stop(): Promise<void>;
}

/** Starts a service that answers every request with 200 and what it saw as JSON. */
export async function startEchoService(): Promise<EchoService> {
  const seen: SeenRequest[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const headers: Record<string, string[]> = {};
      for (let i = 0; i < request.rawHeaders.length; i += 2) {
        (headers[request.rawHeaders[i]!.toLowerCase()] ??= []).push(request.rawHeaders[i + 1]!);
      }
      const one = { method: request.method!, url: request.url!, headers, body };
      seen.push(one);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(one));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    seen,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
