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

const CONNECT_TIMEOUT_MS = 2_000;
const RESPONSE_TIMEOUT_MS = 250;
/** Silence after which a connection is dropped; pings are more frequent. */
const SILENCE_TIMEOUT_MS = 2_000;
const PING_INTERVAL_MS = 500;
const MAX_RECONNECT_DELAY_MS = 2_000;
const INSPECTION_INTERVAL_MS = 5_000;
/** Losses in quicker succession are not logged, such as when Redis has memory for some commands but not for others. */
const MIN_LOG_INTERVAL_MS = 1_000;
/** Maximum number of queued commands. */
const MAX_QUEUED_COMMANDS = 10_000;

type Client = ReturnType<typeof createClient>;

/** Logs once when Redis becomes unusable, and once when it works again. */
export type RedisLog = (message: string) => void;

/** Whether Redis answered but rejected the command. */
const isRefusal = (error: unknown): boolean => /^(?:NOPERM|ERR)\b/.test((error as Error).message);

/**
 * The connection to Redis, which reconnects whenever it is lost. Callers never wait long: while Redis is unusable, commands
 * fail immediately, and after a command that times out the following ones fail as well, until Redis answers again.
 */
export class RedisLink {
  /** Emits after each connect. */
  readonly connected = new Emitter<void>();
  /** SHA-1 digests, by which Redis knows scripts, by script text. */
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
    this.inspections = setInterval(() => void this.reinspect(), INSPECTION_INTERVAL_MS).unref();
  }

  /** Starts to connect without waiting. Error: StartError if the package `redis` is not installed. */
  static async open(url: string, log: RedisLog): Promise<RedisLink> {
    const { createClient } = await import('redis').catch((cause: unknown) => {
      throw new StartError('REDIS_URL is set, but the optional package redis is not installed.', { cause });
    });
    const client = createClient({
      url,
      socket: {
        connectTimeout: CONNECT_TIMEOUT_MS,
        socketTimeout: SILENCE_TIMEOUT_MS,
        reconnectStrategy: (retries) => Math.min(50 * 2 ** Math.min(retries, 10), MAX_RECONNECT_DELAY_MS),
      },
      pingInterval: PING_INTERVAL_MS,
      disableOfflineQueue: true,
      commandsQueueMaxLength: MAX_QUEUED_COMMANDS,
      maintNotifications: 'disabled',
      name: 'keywright',
    }) as Client;
    const link = new RedisLink(client, log);
    client.connect().catch((error: unknown) => link.fail(error));
    return link;
  }

  /** Whether Redis answers, as far as is known. */
  get usable(): boolean {
    return this.client.isReady && !this.overdue && !this.lost && !isUnusable(this.found);
  }

  /** Faults found by the last inspection. */
  get faults(): readonly RedisFault[] {
    return this.found;
  }

  /** Runs a script atomically. Fails within 250 ms, with the error of Redis or because Redis does not answer. */
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
      }, RESPONSE_TIMEOUT_MS);
    });
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  }

  /** Runs a script by its digest, and sends its text if Redis does not know it, as after a restart. */
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

  /** Closes the connection for good. */
  close(): void {
    this.closed = true;
    clearInterval(this.inspections);
    if (this.client.isOpen) this.client.destroy();
  }

  /** Inspects again. Reconnects to a replica, because the address may lead to another server by now. */
  private async reinspect(): Promise<void> {
    if (!this.client.isReady) return;
    if (!this.found.includes('REPLICA')) return this.inspect();
    this.client.destroy();
    await this.client.connect().catch((error: unknown) => this.fail(error));
  }

  /** Asks Redis what it is; without permission to ask, errors of later commands show it. */
  private async inspect(): Promise<void> {
    const ask = (command: string): Promise<unknown> =>
      this.client.sendCommand([command]).catch((error: unknown) => (isRefusal(error) ? '' : null));
    const [hello, info] = await Promise.all([ask('HELLO'), ask('INFO')]);
    if (hello === null || info === null) return;
    this.updateFaults([...new Set([...faultsOfHello(hello), ...faultsOfInfo(String(info))])]);
  }

  private updateFaults(faults: readonly RedisFault[]): void {
    const before = this.found;
    this.found = faults;
    for (const fault of faults) if (!before.includes(fault)) this.log(REDIS_FAULT_TEXTS[fault]);
    if (before.length > 0 && faults.length === 0) this.log('Redis is set up correctly again.');
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
    if (fault && !this.found.includes(fault)) this.updateFaults([...this.found, fault]);
    if (fault) return;
    if (this.lost || this.closed || nowMs - this.lostAtMs < MIN_LOG_INTERVAL_MS) return;
    this.lost = true;
    this.lostAtMs = nowMs;
    this.log(`Redis cannot be used: ${message || code}`);
  }
}
