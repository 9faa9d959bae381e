import { connect, type Socket } from 'node:net';
import type { LoadTarget } from './load-messages.js';

const READ_BYTES = 64 * 1024;
const LENGTH = /\r\ncontent-length: *(\d+)/i;

/** Tokens of equal length in one buffer, each followed by a line feed. */
export class Tokens {
  readonly length: number;
  readonly count: number;

  constructor(private readonly lines: Buffer) {
    this.length = lines.indexOf('\n');
    this.count = lines.length / (this.length + 1);
    if (this.length < 1 || !Number.isInteger(this.count)) throw new Error('The tokens differ in length.');
  }

  /** Copies a random token into a request. */
  copyAny(into: Buffer, offset: number): void {
    const start = Math.floor(Math.random() * this.count) * (this.length + 1);
    this.lines.copy(into, offset, start, start + this.length);
  }
}

/** Describes an unexpected response; null for an expected one. */
type Fault = string | null;

/** The bytes before and after the token. */
function aroundToken({ path, port, headers, body }: LoadTarget, tokenLength: number): [string, string] {
  const host = `host: 127.0.0.1:${port}`;
  if (!body) return [[`GET ${path} HTTP/1.1`, host, ...headers, 'x-api-key: '].join('\r\n'), '\r\n\r\n'];
  const [before, after] = body;
  const length = Buffer.byteLength(before) + tokenLength + Buffer.byteLength(after);
  const type = 'content-type: application/json';
  const head = [`POST ${path} HTTP/1.1`, host, type, ...headers, `content-length: ${length}`].join('\r\n');
  return [`${head}\r\n\r\n${before}`, after];
}

/** A keep-alive connection with one request at a time; the request is built once, and sending copies a token into it. */
export class LoadConnection {
  private readonly request: Buffer;
  private readonly tokenAt: number;
  private readonly socket: Socket;
  private pending = '';
  /** Called with each response. */
  onAnswer: (fault: Fault) => void = () => undefined;
  /** Called when the connection ends; the server should never end it. */
  onEnd: (reason: string) => void = () => undefined;
  /** When the pending request was due, in milliseconds. */
  dueAtMs = 0;

  constructor(
    target: LoadTarget,
    private readonly tokens: Tokens,
  ) {
    const [before, after] = aroundToken(target, tokens.length);
    this.request = Buffer.from(`${before}${'x'.repeat(tokens.length)}${after}`);
    this.tokenAt = Buffer.byteLength(before);
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    this.socket = connect({
      port: target.port,
      host: '127.0.0.1',
      noDelay: true,
      // Reading into one buffer avoids an allocation per response.
      onread: { buffer, callback: (bytes) => (this.read(buffer.toString('latin1', 0, bytes)), true) },
    });
    this.socket.once('error', (error) => this.onEnd(error.message));
    this.socket.once('close', () => this.onEnd('The server closed the connection.'));
  }

  /** Resolves once connected. */
  opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.once('connect', resolve);
      this.socket.once('error', reject);
    });
  }

  send(): void {
    this.tokens.copyAny(this.request, this.tokenAt);
    this.socket.write(this.request);
  }

  close(): void {
    this.onEnd = () => undefined;
    this.socket.destroy();
  }

  private read(chunk: string): void {
    const text = this.pending === '' ? chunk : this.pending + chunk;
    const headEnd = text.indexOf('\r\n\r\n');
    const length = headEnd < 0 ? null : LENGTH.exec(text);
    if (headEnd >= 0 && !length) return this.onEnd(`An answer without content-length: ${text.slice(0, 300)}`);
    if (!length || text.length < headEnd + 4 + Number(length[1])) {
      this.pending = text;
      return;
    }
    this.pending = '';
    const good = text.startsWith('HTTP/1.1 200') && text.includes('"valid":true', headEnd);
    this.onAnswer(good ? null : text.slice(0, 1000));
  }
}
