import { KeywrightClient, type ClientOptions } from '../client/client.js';
import { Deadline } from '../client/deadline.js';
import { endpointUrl } from '../client/endpoint.js';
import { aborted, KeywrightError } from '../client/error.js';
import type { Verifier, VerifyAnswer, VerifyOptions, VerifyQuestion } from '../client/verifier.js';
import { Calls } from './calls.js';
import { Decider } from './decider.js';
import { Freshness } from './freshness.js';
import { LeaseBroker } from './lease-broker.js';
import { Link } from './link.js';
import { digestOf, Memory } from './memory.js';
import { plainToken } from './plain-token.js';
import { LOCAL_PATH, type LocalMessage } from './protocol.js';
import { Proving } from './proving.js';
import { Supplier, type Need } from './supplier.js';
import { UsageReporter } from './usage-reporter.js';
import { UsageTally } from './usage-tally.js';

export { KeywrightError, type KeywrightErrorCode, type KeywrightFault } from '../client/error.js';
export type {
  AcceptedAnswer,
  DescribedRequest,
  Environment,
  RefusedAnswer,
  Verifier,
  VerifyAnswer,
  VerifyOptions,
  VerifyQuestion,
} from '../client/verifier.js';

/** How a {@link LocalVerifier} works. */
export interface LocalOptions extends ClientOptions {
  /** Most tokens that are remembered; 50,000 by default. */
  readonly maxTokens?: number;
}

const REPORT_EVERY_MS = 1000;
const FLUSH_WITHIN_MS = 5000;

/**
 * Decides in this process about keys that the server has proven once, while it says at once what changes about them. It holds
 * no secret: tokens are remembered by their SHA-256 only. Everything but one key in plain sight is asked over HTTP.
 */
export class LocalVerifier implements Verifier {
  private readonly client: KeywrightClient;
  private readonly timeoutMs: number;
  private readonly calls = new Calls();
  private readonly freshness = new Freshness();
  private readonly tally = new UsageTally();
  private readonly reporter = new UsageReporter(this.tally, this.calls);
  private readonly broker = new LeaseBroker(this.calls);
  private readonly decider = new Decider(this.freshness, this.tally, (key) => this.broker.refill(key));
  private readonly memory: Memory;
  private readonly proving: Proving;
  private readonly link: Link;
  private readonly supplier: Supplier;
  private readonly timer: NodeJS.Timeout;
  /** What the last question without an answer needs; SERVER: to be judged there as a whole. */
  private need: Need | 'SERVER' = 'SERVER';
  private closed: Promise<void> | undefined;

  /** Error: BAD_REQUEST for options that make no sense. */
  constructor(options: LocalOptions) {
    const { maxTokens = 50_000, timeoutMilliseconds = 5000 } = options;
    if (!Number.isInteger(maxTokens) || maxTokens < 1) {
      throw new KeywrightError('BAD_REQUEST', 'maxTokens must be a whole number from 1.');
    }
    this.client = new KeywrightClient(options);
    this.timeoutMs = timeoutMilliseconds;
    this.memory = new Memory(maxTokens, (key) => this.broker.drop(key));
    this.proving = new Proving(this.memory, this.calls, (keyIds) =>
      this.link.send({ type: 'dropped', keyIds }),
    );
    const url = endpointUrl(options, LOCAL_PATH);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    this.link = new Link(url, options.key, {
      heardAtMs: () => this.freshness.heardAtMs,
      up: ({ maxStalenessMs, state }) => {
        // What changed while there was no connection was told to nobody.
        this.proving.forget('ALL');
        this.freshness.begin(maxStalenessMs, state, performance.now());
        this.calls.send = this.link.send;
        this.reporter.report();
      },
      message: (message) => this.take(message),
      refused: () => this.freshness.end(),
      down: () => {
        this.freshness.lose();
        this.calls.loseAll();
        this.broker.dropAll();
      },
    });
    const { client, link, calls, freshness, memory, proving, broker } = this;
    this.supplier = new Supplier({ client, link, calls, freshness, memory, proving, broker });
    this.timer = setInterval(() => this.reporter.report(), REPORT_EVERY_MS);
    this.timer.unref();
  }

  /** Resolves once connected. Error: {@link KeywrightError}. */
  async ready(options: VerifyOptions = {}): Promise<void> {
    const deadline = new Deadline(this.timeoutMs, options.signal);
    try {
      await this.link.untilConnected(deadline.signal);
    } finally {
      deadline.clear();
    }
  }

  /** The verdict, when it can be had at once; undefined when the server must be asked, which {@link verify} does. */
  verifySync(question: VerifyQuestion): VerifyAnswer | undefined {
    const token = this.closed ? undefined : plainToken(question);
    if (token === undefined) return this.lack('SERVER');
    const nowMs = performance.now();
    if (nowMs >= this.freshness.untilMs) return this.lack('CURRENCY');
    const known = this.memory.find(digestOf(token));
    if (known === undefined) return this.lack('PROOF');
    return this.decider.decide(known, question, nowMs) ?? this.lack(this.decider.missing);
  }

  /** The verdict. Error: {@link KeywrightError} when there is none; then nothing may pass. */
  verify(question: VerifyQuestion, options: VerifyOptions = {}): Promise<VerifyAnswer> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(aborted(signal));
    try {
      const answer = this.verifySync(question);
      return answer ? Promise.resolve(answer) : this.verifyByServer(question, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Reports what was counted, gives back what was not used, and ends all connections. */
  close(): Promise<void> {
    this.closed ??= this.end();
    return this.closed;
  }

  private lack(need: Need | 'SERVER'): undefined {
    this.need = need;
    return undefined;
  }

  private take(message: LocalMessage): void {
    if ('id' in message) this.calls.settle(message);
    else if (message.type === 'state') this.freshness.hear(message.state, performance.now());
    else if (message.type === 'forget') this.proving.forget(message.keyIds);
  }

  /** Asks for what is missing until there is a verdict or no time left. Called right after {@link verifySync}. */
  private async verifyByServer(question: VerifyQuestion, options: VerifyOptions): Promise<VerifyAnswer> {
    if (this.closed) throw new KeywrightError('CLOSED', 'The verifier was closed.');
    let { need } = this;
    if (need === 'SERVER') return this.client.verify(question, options);
    const deadline = new Deadline(this.timeoutMs, options.signal);
    try {
      for (;;) {
        const answer = (await this.supplier.supply(need, question, deadline)) ?? this.verifySync(question);
        if (answer) return answer;
        if (this.closed) throw new KeywrightError('CLOSED', 'The verifier was closed.');
        need = this.need;
        if (need === 'SERVER') return await this.client.verify(question, options);
      }
    } finally {
      deadline.clear();
    }
  }

  private async end(): Promise<void> {
    clearInterval(this.timer);
    this.broker.close();
    if (this.link.connected) await this.reporter.flush(performance.now() + FLUSH_WITHIN_MS);
    await this.link.close();
    await this.client.close();
  }
}

/** Makes a local verifier, which begins to connect at once. Error: BAD_REQUEST for options that make no sense. */
export const createLocalVerifier = (options: LocalOptions): LocalVerifier => new LocalVerifier(options);
