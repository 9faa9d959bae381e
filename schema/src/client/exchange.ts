import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { KeywrightError } from './error.js';

/** Large enough for a hundred answers with metadata. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** An HTTP response, read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly retryAfterSeconds: number | null;
  readonly body: string;
}

/** No response arrived; `sent` if the server may nevertheless have received the request. */
export class LostExchange extends Error {
  constructor(
    readonly sent: boolean,
    cause: unknown,
  ) {
    super('No response was received.', { cause });
  }
}

/** Posts questions over keep-alive connections. */
export class Exchanger {
  private readonly agent: HttpAgent | HttpsAgent;
  private readonly send: typeof httpRequest;

  constructor(
    private readonly base: URL,
    private readonly key: string,
    connections: number,
  ) {
    const secure = base.protocol === 'https:';
    const options = { keepAlive: true, maxSockets: connections, scheduling: 'lifo' as const };
    this.agent = secure ? new HttpsAgent(options) : new HttpAgent(options);
    this.send = secure ? httpsRequest : httpRequest;
  }

  /** Posts a body once. Errors: {@link LostExchange}; BAD_ANSWER for a response that is too long; the reason of the signal. */
  post(path: string, body: string, signal: AbortSignal): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const request = this.send(`${this.base.href}${path}`, {
        method: 'POST',
        agent: this.agent,
        signal,
        headers: {
          'x-api-key': this.key,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          accept: 'application/json, application/problem+json',
        },
      });
      let connected = false;
      const lose = (cause: unknown): void =>
        reject(signal.aborted ? signal.reason : new LostExchange(connected, cause));
      request.once('socket', (socket) => {
        if (!socket.connecting) connected = true;
        else
          socket.once(
            this.base.protocol === 'https:' ? 'secureConnect' : 'connect',
            () => (connected = true),
          );
      });
      request.on('error', lose);
      request.once('response', (response) => {
        let text = '';
        let length = 0;
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          length += part.length;
          if (length <= MAX_ANSWER_BYTES) text += part;
          else {
            reject(new KeywrightError('BAD_ANSWER', 'The response is too large.'));
            request.destroy();
          }
        });
        response.once('error', lose);
        response.once('close', () => lose(undefined));
        response.once('end', () => {
          const retryAfterSeconds = secondsOf(response.headers['retry-after']);
          resolve({ status: response.statusCode!, retryAfterSeconds, body: text });
        });
      });
      request.end(body);
    });
  }

  /** Closes all connections, including those in use. */
  close(): void {
    this.agent.destroy();
  }
}

/** `Retry-After` in seconds, the form that Keywright and proxies use; null for a date or anything else. */
const secondsOf = (header: string | undefined): number | null =>
  header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) : null;
