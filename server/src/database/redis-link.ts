import { createHash } from 'node:crypto';
import type { createClient } from 'redis';
import { StartError } from '../config/start-error.js';
import { Emitter } from '../core/events.js';
import {
  faultOfError,
  faultsOfHello,
  faultsOfInfo,
  isUnusable,
  REDIS_FAULT_TEXTS,
  type RedisFault,
} from '../core/redis-faults.js';
import { Unanswered } from '../core/redis-scripts.js';

const CONNECT_WITHIN_MS = 2_000;
const ANSWER_WITHIN_MS = 250;
/** Silence after which a connection is given up; it is asked for a sign of life more often than that. */
const SILENT_FOR_MS = 2_000;
const PING_EVERY_MS = 500;
const LONGEST_PAUSE_MS = 2_000;
const INSPECT_EVERY_MS = 5_000;
/** Losses that follow each other faster are not told, as when Redis has room for some questions and not for others. */
const TELL_EVERY_MS = 1_000;
/** More questions than this are not kept waiting. */
const MOST_WAITING = 10_000;

type Client = ReturnType<typeof createClient>;

/** What became of Redis is told once, and once more when it is back. */
export type RedisLog = (message: string) => void;

/** Whether Redis answered, and did not want to. */
const isRefusal = (error: unknown): boolean => /^(?:NOPERM|ERR)\b/.test((error as Error).message);

/**
 * The connection to Redis: made when it can be, and again whenever it was lost. Nobody waits long for it: while it cannot be used,
 * questions fail at once, and the first that is not answered in time says so for those that follow.
 */
export class RedisLink {
  /** Each time that a connection was made. */
  readonly connected = new Emitter<void>();
  /** By their text, what Redis calls the scripts that it was sent. */
  private readonly digests = new Map<string, string>();
  private overdue = false;
  private lost = false;
  private lostAtMs = -Infinity;
  private closed = false;
  private found: readonly RedisFault[] = [];
  private readonly inspections: NodeJS.Timeout;

  private constructor(
    private readonly client: Client,
    private readonly log: RedisLog,
  ) {
    client.on('error', (error: unknown) => this.fail(error));
    client.on('ready', () => void this.inspect().finally(() => this.connected.emit()));
    this.inspections = setInterval(() => void this.lookAgain(), INSPECT_EVERY_MS).unref();
  }

  /** Begins to connect, and does not wait for it. Error: StartError when the package `redis` was left out. */
  static async open(url: string, log: RedisLog): Promise<RedisLink> {
    const { createClient } = await import('redis').catch((cause: unknown) => {
      throw new StartError('REDIS_URL is set, but the optional package redis is not installed.', { cause });
    });
    const client = createClient({
      url,
      socket: {
        connectTimeout: CONNECT_WITHIN_MS,
        socketTimeout: SILENT_FOR_MS,
        reconnectStrategy: (retries) => Math.min(50 * 2 ** Math.min(retries, 10), LONGEST_PAUSE_MS),
      },
      pingInterval: PING_EVERY_MS,
      disableOfflineQueue: true,
      commandsQueueMaxLength: MOST_WAITING,
      maintNotifications: 'disabled',
      name: 'keywright',
    }) as Client;
    const link = new RedisLink(client, log);
    client.connect().catch((error: unknown) => link.fail(error));
    return link;
  }

  /** Whether it answers, as far as is known. */
  get usable(): boolean {
    return this.client.isReady && !this.overdue && !this.lost && !isUnusable(this.found);
  }

  /** What is wrong with it, as was found last. */
  get faults(): readonly RedisFault[] {
    return this.found;
  }

  /** Runs a script in one step. Error: whatever Redis says, or that it does not answer; within a quarter of a second. */
  async run(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    if (this.overdue || !this.client.isReady) throw new Error('Redis cannot be reached.');
    if (isUnusable(this.found)) throw new Error('Redis cannot be used.');
    const answer = this.evaluate(script, { keys: [...keys], arguments: [...args] });
    answer.then(
      () => this.succeed(),
      (error: unknown) => this.fail(error),
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.overdue = true;
        reject(new Unanswered());
      }, ANSWER_WITHIN_MS);
    });
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  }

  /** A script is sent once, and then named: also when Redis was started anew and knows none. */
  private async evaluate(script: string, using: { keys: string[]; arguments: string[] }): Promise<unknown> {
    let digest = this.digests.get(script);
    if (digest === undefined) {
      digest = createHash('sha1').update(script).digest('hex');
      this.digests.set(script, digest);
    }
    try {
      return await this.client.evalSha(digest, using);
    } catch (error) {
      if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
      return this.client.eval(script, using);
    }
  }

  /** Ends the connection, and makes no other. */
  close(): void {
    this.closed = true;
    clearInterval(this.inspections);
    if (this.client.isOpen) this.client.destroy();
  }

  /** A replica was a primary perhaps, and the address leads elsewhere by now. */
  private async lookAgain(): Promise<void> {
    if (!this.client.isReady) return;
    if (!this.found.includes('REPLICA')) return this.inspect();
    this.client.destroy();
    await this.client.connect().catch((error: unknown) => this.fail(error));
  }

  /** Asks what it is; where that is not permitted, errors tell. */
  private async inspect(): Promise<void> {
    const ask = (command: string): Promise<unknown> =>
      this.client.sendCommand([command]).catch((error: unknown) => (isRefusal(error) ? '' : null));
    const [hello, info] = await Promise.all([ask('HELLO'), ask('INFO')]);
    if (hello === null || info === null) return;
    this.note([...new Set([...faultsOfHello(hello), ...faultsOfInfo(String(info))])]);
  }

  private note(faults: readonly RedisFault[]): void {
    const before = this.found;
    this.found = faults;
    for (const fault of faults) if (!before.includes(fault)) this.log(REDIS_FAULT_TEXTS[fault]);
    if (before.length > 0 && faults.length === 0) this.log('Redis is as it should be again.');
  }

  private succeed(): void {
    this.overdue = false;
    if (!this.lost) return;
    this.lost = false;
    this.log('Redis can be used again.');
  }

  private fail(error: unknown): void {
    this.overdue = false;
    const nowMs = performance.now();
    const { message, code } = error as NodeJS.ErrnoException;
    const fault = faultOfError(message);
    if (fault && !this.found.includes(fault)) this.note([...this.found, fault]);
    if (fault) return;
    if (this.lost || this.closed || nowMs - this.lostAtMs < TELL_EVERY_MS) return;
    this.lost = true;
    this.lostAtMs = nowMs;
    this.log(`Redis cannot be used: ${message || code}`);
  }
}
