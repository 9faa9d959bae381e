import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

/** Sends requests to one server sequentially on one connection and measures the CPU time of each. */
export class CostMeter {
  private socket: Socket | undefined;

  /** @param pid The server process, whose main thread handles requests. */
  constructor(
    private readonly pid: number,
    private readonly port: number,
  ) {}

  /** CPU time of one request in microseconds: the cheapest of several rounds, as the least disturbed one. */
  async costOf(request: Buffer, { rounds = 5, perRound = 4 } = {}): Promise<number> {
    let least = Infinity;
    for (let round = 0; round < rounds; round++) {
      const before = this.cpuMicroseconds();
      for (let i = 0; i < perRound; i++) await this.ask(request);
      least = Math.min(least, (this.cpuMicroseconds() - before) / perRound);
    }
    return least;
  }

  /** The response status; the connection is reused unless the server closes it. */
  async ask(request: Buffer): Promise<number> {
    const socket = (this.socket ??= this.open());
    const answer = new Promise<number>((resolve, reject) => {
      let text = '';
      const end = (act: () => void): void => {
        socket.off('data', onData).off('close', onClose);
        act();
      };
      const onClose = (): void => end(() => reject(new Error('The server closed the connection.')));
      const onData = (chunk: Buffer): void => {
        text += chunk.toString('latin1');
        const head = text.indexOf('\r\n\r\n');
        const length = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0);
        if (head === -1 || text.length < head + 4 + length) return;
        if (/^connection: close/im.test(text)) this.close();
        end(() => resolve(Number(text.slice(9, 12))));
      };
      socket.on('data', onData).on('close', onClose);
    });
    socket.write(request);
    return answer;
  }

  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
  }

  private open(): Socket {
    return connect({ port: this.port, host: '127.0.0.1', noDelay: true }).on('error', () => undefined);
  }

  /** Nanoseconds of CPU time, from the scheduler. */
  private cpuMicroseconds(): number {
    const [ran] = readFileSync(`/proc/${this.pid}/task/${this.pid}/schedstat`, 'utf8').split(' ');
    return Number(ran) / 1000;
  }
}

/** A raw verification request. */
export function verifyRequest(key: string, body: unknown, path = '/v1/verify'): Buffer {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nX-API-KEY: ${key}\r\nContent-Type: application/json\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

/** A raw gateway question; `lines` are extra headers. */
export const authorizeRequest = (
  key: string,
  uri: string,
  lines: readonly string[] = [],
  query = '',
): Buffer =>
  Buffer.from(
    [
      `GET /v1/authorize/production?permission=*${query} HTTP/1.1`,
      'Host: x',
      'X-Original-Method: GET',
      `X-Original-URI: ${uri}`,
      `X-API-KEY: ${key}`,
      ...lines,
      '',
      '',
    ].join('\r\n'),
  );

const list = <T>(length: number, make: (i: number) => T): T[] => Array.from({ length }, (_, i) => make(i));
const named = (length: number, value: unknown = 'v'): Record<string, unknown> =>
  Object.fromEntries(list(length, (i) => [`H${i}`, value]));

/** Questions built to be expensive, by what makes them so. */
export function dearQuestions(gateway: string, key: string): Readonly<Record<string, Buffer>> {
  const ask = (request: object, more: object = {}): Buffer => verifyRequest(gateway, { ...more, request });
  const from = 'X-Forwarded-For: 203.0.113.9';
  return {
    '150,000 header names': ask({ headers: named(150_000) }),
    '150,000 values of a credential': ask({ headers: { 'x-api-key': list(150_000, () => '') } }),
    '900,000 brackets': verifyRequest(gateway, '['.repeat(900_000)),
    '20,000 braces': verifyRequest(gateway, '{"a":'.repeat(15_000)),
    'as many headers as there may be': ask({ headers: { ...named(255, 'v'.repeat(300)), 'x-api-key': key } }),
    'faulty headers': ask({ headers: named(255, 1) }),
    'unknown members': verifyRequest(gateway, named(400)),
    'a long key': verifyRequest(gateway, { key: 'k'.repeat(95_000) }),
    'a key that is no ASCII': verifyRequest(gateway, { key: '漢'.repeat(31_000) }),
    'a key of escapes': verifyRequest(gateway, `{"key":"${'\\u0061'.repeat(16_000)}"}`),
    blanks: verifyRequest(gateway, `{"key":"k"${' '.repeat(95_000)}}`),
    'a key of 1 MB': verifyRequest(gateway, { key: 'k'.repeat(1_000_000) }),
    'an encoded URL': ask({ url: `/?${'%25'.repeat(3300)}` }, { key }),
    'a URL of members': ask({ url: `/?${'&%6bey='.repeat(1400)}` }, { key }),
    'a URL that may be signed': ask({ url: `/?AccessID=1&Expires=1${'&%6bxpires'.repeat(900)}` }),
    'Authorization like tokens': ask({ headers: { authorization: '.a_live_a'.repeat(10_000) } }),
    'a long user agent': ask({ headers: { 'user-agent': '%61'.repeat(30_000) } }, { key }),
    'a signature that covers much': ask({
      headers: {
        ...named(200, 'v'.repeat(250)),
        signature: `s=:${'A'.repeat(43)}=:`,
        'signature-input': `s=(${list(32, (i) => `"h${i}"`).join(' ')});created=1;keyid="x";nonce="n"`,
      },
    }),
    'a batch of one dear question': verifyRequest(
      gateway,
      { requests: [{ key: '漢'.repeat(31_000) }] },
      '/v1/verify/batch',
    ),
    'a batch of 16,000 members': verifyRequest(gateway, named(16_000), '/v1/verify/batch'),
    'tiny headers through a gateway': authorizeRequest(key, '/', [from, ...list(12_000, () => 'a:b')]),
    'hops through a gateway': authorizeRequest(key, '/', [`${from}${', 127.0.0.1'.repeat(7000)}`]),
    'an encoded URL through a gateway': authorizeRequest(key, `/?${'%2525'.repeat(1600)}`, [from]),
    'a long query of the gateway': authorizeRequest(key, '/', [from], '&permission=a'.repeat(5000)),
  };
}

/** Max cost of any question, in plain questions. */
export const MAX_COST_RATIO = 20;
