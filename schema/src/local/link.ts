import { setImmediate as turn } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { KeywrightError, type KeywrightErrorCode } from '../client/error.js';
import { SILENCE_MS } from './freshness.js';
import { LOCAL_CLOSED, LOCAL_PROTOCOL, type LocalMessage, type LocalRequest } from './protocol.js';

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 5000;
/** For so long after a loss it is worth waiting for a new connection; later everything fails at once. */
const GRACE_MS = 2000;
const HANDSHAKE_MS = 5000;
const CLOSE_WITHIN_MS = 1000;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** More than this waiting to be sent means that the server does not keep up. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

/** What a {@link Link} tells; `up` comes with the first message of a connection, `down` when it is gone. */
export interface LinkEvents {
  readonly up: (hello: Extract<LocalMessage, { readonly type: 'hello' }>) => void;
  readonly message: (message: LocalMessage) => void;
  readonly down: () => void;
  /** The key of whoever connects is not accepted any more. */
  readonly refused: () => void;
  /** When the server last told its state, in monotonic milliseconds. */
  readonly heardAtMs: () => number;
}

const CODES: Readonly<Record<number, KeywrightErrorCode>> = { 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN' };

/** The connection to the server, made anew whenever it is lost. */
export class Link {
  /** Whether there is a connection, and the server has begun to talk. */
  connected = false;
  private socket: WebSocket | undefined;
  private failures = 0;
  private problem: { readonly code: KeywrightErrorCode; readonly message: string; readonly cause?: unknown } =
    {
      code: 'UNAVAILABLE',
      message: 'There is no connection to Keywright.',
    };
  private readonly waiters = new Set<() => void>();
  private patient = true;
  private grace: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;
  private readonly watch: NodeJS.Timeout;
  private closed = false;

  constructor(
    private readonly url: URL,
    private readonly key: string,
    private readonly events: LinkEvents,
  ) {
    this.watch = setInterval(() => void this.checkSilence(), SILENCE_MS / 5);
    this.watch.unref();
    this.lose();
    this.connect();
  }

  /** Sends a message. A connection that does not take them is given up. */
  readonly send = (message: LocalRequest): void => {
    const { socket } = this;
    if (!socket || socket.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) this.abandon();
    else socket.send(JSON.stringify(message));
  };

  /**
   * Resolves when there is a connection. Error: UNAVAILABLE, or why Keywright does not let us in, when there was none for a while;
   * the reason of the signal.
   */
  async untilConnected(signal: AbortSignal): Promise<void> {
    while (!this.connected) {
      if (!this.patient || this.closed) throw this.error();
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.waiters.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.waiters.add(wake);
        signal.addEventListener('abort', wake);
      });
      if (signal.aborted) throw signal.reason;
    }
  }

  /**
   * Gives up a connection that was silent for too long. What has arrived is read first: if it was this process that did not run,
   * the server has said much in the meantime.
   */
  async checkSilence(): Promise<void> {
    if (!this.isSilent()) return;
    await turn();
    await turn();
    if (this.isSilent()) this.abandon();
  }

  /** Why there is no connection. */
  error(): KeywrightError {
    const { code, message, cause } = this.problem;
    return new KeywrightError(code, message, { retryAfterSeconds: 1, cause });
  }

  /** Ends the connection for good, once all that was sent is on its way. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.watch);
    clearTimeout(this.retry);
    clearTimeout(this.grace);
    this.wake();
    const { socket } = this;
    if (!socket || socket.readyState === WebSocket.CLOSED) return;
    const late = setTimeout(() => socket.terminate(), CLOSE_WITHIN_MS);
    // One that was still being made fails first, which is no matter now.
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.close(1000);
    await gone;
    clearTimeout(late);
  }

  private isSilent(): boolean {
    return this.connected && performance.now() - this.events.heardAtMs() > SILENCE_MS;
  }

  /** Our key is not accepted: waiting a moment will not change that. */
  private giveUp(): void {
    clearTimeout(this.grace);
    this.patient = false;
    this.events.refused();
    this.wake();
  }

  private wake(): void {
    for (const wake of this.waiters) wake();
  }

  private lose(): void {
    this.patient = true;
    clearTimeout(this.grace);
    this.grace = setTimeout(() => {
      this.patient = false;
      this.wake();
    }, GRACE_MS);
    this.grace.unref();
  }

  private connect(): void {
    const socket = new WebSocket(this.url, LOCAL_PROTOCOL, {
      headers: { 'x-api-key': this.key },
      perMessageDeflate: false,
      followRedirects: false,
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_MESSAGE_BYTES,
    });
    this.socket = socket;
    socket.on('message', (data) => {
      if (this.socket === socket) this.take(String(data));
    });
    socket.on('unexpected-response', (_request, { statusCode }) => {
      const code = CODES[statusCode ?? 0] ?? 'UNAVAILABLE';
      this.problem = { code, message: `Keywright answered the connection with ${statusCode}.` };
      if (code !== 'UNAVAILABLE') this.giveUp();
      socket.terminate();
    });
    socket.on('error', (cause) => {
      if (this.problem.code === 'UNAVAILABLE' && this.problem.cause === undefined) {
        this.problem = { ...this.problem, cause };
      }
    });
    socket.once('close', (code) => {
      this.ended(socket);
      if (code !== LOCAL_CLOSED.CALLER_REFUSED) return;
      this.problem = { code: 'UNAUTHENTICATED', message: 'Keywright does not accept the key any more.' };
      this.giveUp();
    });
  }

  private take(text: string): void {
    let message: LocalMessage;
    try {
      message = JSON.parse(text) as LocalMessage;
      if (message.type === 'hello') this.begin(message);
      else if (this.connected) this.events.message(message);
    } catch (cause) {
      // Whoever does not speak the protocol is not listened to any longer.
      this.problem = { code: 'BAD_ANSWER', message: 'What answered does not speak the protocol.', cause };
      this.abandon();
    }
  }

  private begin(hello: Extract<LocalMessage, { readonly type: 'hello' }>): void {
    clearTimeout(this.grace);
    this.failures = 0;
    this.problem = { code: 'UNAVAILABLE', message: 'There is no connection to Keywright.' };
    this.events.up(hello);
    this.connected = true;
    this.wake();
  }

  /** Gives up the connection that there is; what it may still say is not heard. */
  private abandon(): void {
    const { socket } = this;
    if (!socket) return;
    socket.terminate();
    this.ended(socket);
  }

  private ended(socket: WebSocket): void {
    if (this.socket !== socket) return;
    this.socket = undefined;
    const wasConnected = this.connected;
    this.connected = false;
    if (wasConnected) {
      this.lose();
      this.events.down();
    }
    if (this.closed) return;
    const longest = Math.min(FIRST_DELAY_MS * 2 ** this.failures++, LONGEST_DELAY_MS);
    this.retry = setTimeout(() => this.connect(), longest * (0.5 + Math.random() / 2));
  }
}
