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
import { digestOf, TokenCache } from './token-cache.js';
import { plainToken } from './plain-token.js';
import { LOCAL_PATH, type LocalMessage } from './protocol.js';
import { Prover } from './prover.js';
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

export interface LocalOptions extends ClientOptions {
  /** Max cached tokens; 50,000 by default. */
  readonly maxTokens?: number;
}

const REPORT_INTERVAL_MS = 1000;
const FLUSH_TIMEOUT_MS = 5000;

/**
 * Decides in this process on keys that the server has proven once; the server pushes every change immediately. It stores no
 * secret: tokens are cached under their SHA-256 only. Any question but one with a single plain key is sent over HTTP.
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
  private readonly cache: TokenCache;
  private readonly prover: Prover;
  private readonly link: Link;
  private readonly supplier: Supplier;
  private readonly timer: NodeJS.Timeout;
  /** What the last question without an answer needs; SERVER: the server must answer it in full. */
  private need: Need | 'SERVER' = 'SERVER';
  private closed: Promise<void> | undefined;

  /** Error: BAD_REQUEST for invalid options. */
  constructor(options: LocalOptions) {
    const { maxTokens = 50_000, timeoutMilliseconds = 5000 } = options;
    if (!Number.isInteger(maxTokens) || maxTokens < 1) {
      throw new KeywrightError('BAD_REQUEST', 'maxTokens must be a whole number of at least 1.');
    }
    this.client = new KeywrightClient(options);
    this.timeoutMs = timeoutMilliseconds;
    this.cache = new TokenCache(maxTokens, (key) => this.broker.drop(key));
    this.prover = new Prover(this.cache, this.calls, (keyIds) => this.link.send({ type: 'dropped', keyIds }));
    const url = endpointUrl(options, LOCAL_PATH);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    this.link = new Link(url, options.key, {
      heardAtMs: () => this.freshness.heardAtMs,
      up: ({ maxStalenessMs, state }) => {
        // Changes made while disconnected were not reported.
        this.prover.forget('ALL');
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
    const { client, link, calls, freshness, cache, prover, broker } = this;
    this.supplier = new Supplier({ client, link, calls, freshness, cache, prover, broker });
    this.timer = setInterval(() => this.reporter.report(), REPORT_INTERVAL_MS);
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

  /** The verdict if it can be decided locally; undefined if the server must be asked, as {@link verify} does. */
  verifySync(question: VerifyQuestion): VerifyAnswer | undefined {
    const token = this.closed ? undefined : plainToken(question);
    if (token === undefined) return this.setNeed('SERVER');
    const nowMs = performance.now();
    if (nowMs >= this.freshness.untilMs) return this.setNeed('CURRENCY');
    const known = this.cache.find(digestOf(token));
    if (known === undefined) return this.setNeed('PROOF');
    return this.decider.decide(known, question, nowMs) ?? this.setNeed(this.decider.missing);
  }

  /** The verdict. Error: {@link KeywrightError} if there is none; the request must then be denied. */
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

  /** Reports usage, releases unused units and closes all connections. */
  close(): Promise<void> {
    this.closed ??= this.end();
    return this.closed;
  }

  private setNeed(need: Need | 'SERVER'): undefined {
    this.need = need;
    return undefined;
  }

  private take(message: LocalMessage): void {
    if ('id' in message) this.calls.settle(message);
    else if (message.type === 'state') this.freshness.hear(message.state, performance.now());
    else if (message.type === 'forget') this.prover.forget(message.keyIds);
  }

  /** Fetches what is missing until there is a verdict or the deadline passes. Called right after {@link verifySync}. */
  private async verifyByServer(question: VerifyQuestion, options: VerifyOptions): Promise<VerifyAnswer> {
    if (this.closed) throw new KeywrightError('CLOSED', 'The verifier is closed.');
    let { need } = this;
    if (need === 'SERVER') return this.client.verify(question, options);
    const deadline = new Deadline(this.timeoutMs, options.signal);
    try {
      for (;;) {
        const answer = (await this.supplier.supply(need, question, deadline)) ?? this.verifySync(question);
        if (answer) return answer;
        if (this.closed) throw new KeywrightError('CLOSED', 'The verifier is closed.');
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
    if (this.link.connected) await this.reporter.flush(performance.now() + FLUSH_TIMEOUT_MS);
    await this.link.close();
    await this.client.close();
  }
}

/** Creates a local verifier, which starts connecting immediately. Error: BAD_REQUEST for invalid options. */
export const createLocalVerifier = (options: LocalOptions): LocalVerifier => new LocalVerifier(options);
