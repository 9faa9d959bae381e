import { setImmediate as turn } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { KeywrightError, type KeywrightErrorCode } from '../client/error.js';
import { SILENCE_TIMEOUT_MS } from './freshness.js';
import { LOCAL_CLOSED, LOCAL_PROTOCOL, type LocalMessage, type LocalRequest } from './protocol.js';

const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 5000;
/** How long calls wait for a new connection after a loss; after that they fail immediately. */
const GRACE_MS = 2000;
const HANDSHAKE_TIMEOUT_MS = 5000;
const CLOSE_TIMEOUT_MS = 1000;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** A larger send buffer means that the server cannot keep up. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

/** Events of a {@link Link}; `up` comes with the first message of a connection, `down` with its loss. */
export interface LinkEvents {
  readonly up: (hello: Extract<LocalMessage, { readonly type: 'hello' }>) => void;
  readonly message: (message: LocalMessage) => void;
  readonly down: () => void;
  /** The caller's own key is no longer accepted. */
  readonly refused: () => void;
  /** When the server last sent its state, in monotonic milliseconds. */
  readonly heardAtMs: () => number;
}

const CODES: Readonly<Record<number, KeywrightErrorCode>> = { 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN' };

/** The connection to the server; reconnects whenever it is lost. */
export class Link {
  /** Whether there is a connection and the server has sent its first message. */
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
    this.watch = setInterval(() => void this.checkSilence(), SILENCE_TIMEOUT_MS / 5);
    this.watch.unref();
    this.lose();
    this.connect();
  }

  /** Sends a message; drops a connection that does not accept them fast enough. */
  readonly send = (message: LocalRequest): void => {
    const { socket } = this;
    if (!socket || socket.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) this.abandon();
    else socket.send(JSON.stringify(message));
  };

  /**
   * Resolves once connected. Errors: UNAVAILABLE, or the reason why Keywright rejects the connection, after {@link GRACE_MS}
   * without one; the reason of the signal.
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
   * Drops a connection that was silent for too long. Reads pending messages first: if this process itself was stalled, the server
   * has sent messages in the meantime.
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

  /** Closes the connection for good, after everything queued is sent. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.watch);
    clearTimeout(this.retry);
    clearTimeout(this.grace);
    this.wake();
    const { socket } = this;
    if (!socket || socket.readyState === WebSocket.CLOSED) return;
    const late = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS);
    // A socket that is still connecting emits an error first; the listener in connect() handles it.
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.close(1000);
    await gone;
    clearTimeout(late);
  }

  private isSilent(): boolean {
    return this.connected && performance.now() - this.events.heardAtMs() > SILENCE_TIMEOUT_MS;
  }

  /** Fails waiting calls immediately, as a rejected key will not be accepted a moment later. */
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
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      maxPayload: MAX_MESSAGE_BYTES,
    });
    this.socket = socket;
    socket.on('message', (data) => {
      if (this.socket === socket) this.take(String(data));
    });
    socket.on('unexpected-response', (_request, { statusCode }) => {
      const code = CODES[statusCode ?? 0] ?? 'UNAVAILABLE';
      this.problem = { code, message: `Keywright rejected the connection with status ${statusCode}.` };
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
      this.problem = { code: 'UNAUTHENTICATED', message: 'Keywright no longer accepts the key.' };
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
      // Drop a peer that does not speak the protocol.
      this.problem = {
        code: 'BAD_ANSWER',
        message: 'The server that responded does not speak the protocol.',
        cause,
      };
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

  /** Drops the current connection and ignores anything it still delivers. */
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
    const maxDelayMs = Math.min(FIRST_DELAY_MS * 2 ** this.failures++, MAX_DELAY_MS);
    this.retry = setTimeout(() => this.connect(), maxDelayMs * (0.5 + Math.random() / 2));
  }
}
