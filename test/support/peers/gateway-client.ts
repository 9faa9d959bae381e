import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import type { Peer } from '../servers/peer.js';

const TIMEOUT_MS = 5000;

/** A response through a gateway. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** The JSON body; empty if it is not JSON. */
  readonly json: Record<string, unknown>;
}

/** A port of 127.0.0.1, or a Unix socket. */
export type Target = Pick<Peer, 'port'> | { readonly socketPath: string };

/** Sends a request through a gateway, or to a server itself, with an unchanged path. */
export function call(
  at: Target,
  path: string,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
  { method = 'GET', body = '' } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const where = 'port' in at ? { host: '127.0.0.1', port: at.port } : { socketPath: at.socketPath };
    const target = { ...where, path, method, agent: false };
    const sent = httpRequest(
      { ...target, headers: headers as Record<string, string | string[]> },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
          resolve({ status: response.statusCode!, headers: response.headers, body: text, json });
        });
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Whether the response is complete. */
function isWhole(head: string, body: string): boolean {
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  return length === undefined ? body.endsWith('0\r\n\r\n') : body.length >= Number(length);
}

/** Sends bytes, waits for the response and, if it is 101, for `echo`; returns all bytes received. */
export function exchange({ port }: Pick<Peer, 'port'>, text: string, echo = ''): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    let answer = '';
    let sentEcho = false;
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      answer += chunk;
      const end = answer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const body = answer.slice(end + 4);
      const isOpen = answer.startsWith('HTTP/1.1 101');
      if (isOpen && !sentEcho) socket.write(echo);
      sentEcho = true;
      if (isOpen ? body === echo : isWhole(answer.slice(0, end), body)) socket.destroy();
    });
    socket.once('error', () => socket.destroy());
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
    socket.once('close', () => resolve(answer));
    socket.write(Buffer.from(text, 'latin1'));
  });
}

/** The status of a raw response; null if there is none. */
export const statusOf = (answer: string): number | null =>
  Number(/^HTTP\/1\.\d (\d{3})/.exec(answer)?.[1] ?? NaN) || null;
