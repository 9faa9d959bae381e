import {
  LOCAL_CLOSED,
  type LocalMessage,
  type LocalRequest,
  type LocalState,
} from '@keywright/schema/local-protocol';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import { ID_PREFIXES, newId } from '../../core/id.js';
import type { ManagementPermission } from '../access/decide/principal.js';
import { survivesRestart } from '../limits/limit-rules.js';
import type { Lease, RateLimiter } from '../limits/rate-limiter.js';
import type { VerificationRecorder } from '../usage/usage-event.js';
import { touchesDirectory, type ChangedIds } from '../replica/change-source.js';
import { plainAddress } from './plain-address.js';
import type { CallerGate } from '../verification/caller-gate.js';
import { readNamedCredential } from '../verification/credential.js';
import type { IndexedKey } from '../replica/indexed-key.js';
import type { KeyIndex } from '../replica/key-index.js';
import type { Proof } from '../verification/proof.js';
import type { VerificationService } from '../verification/verification-service.js';
import type { ReportedBatches } from './reported-batches.js';
import { HeldLeases } from './held-leases.js';
import { judge, localKeyOf } from './local-key.js';
import { readMessage } from './message-reader.js';

/** What the caller must hold somewhere; it only learns about keys in those scopes. */
export const NEEDED: readonly ManagementPermission[] = ['keywright.verify'];

/** Maximum number of keys evicted to admit one. */
const MAX_FORGOTTEN = 100;
/** Maximum number of waiting requests per connection: for the journal, or for a check of the state. */
const MAX_WAITING = 1000;

export interface LocalConnectionDeps {
  readonly gate: Pick<CallerGate, 'renew' | 'settled'>;
  readonly service: Pick<VerificationService, 'prove'>;
  readonly index: KeyIndex;
  readonly freshness: { requireFresh(): void };
  readonly limiter: RateLimiter;
  readonly recorder: VerificationRecorder;
  readonly reports: ReportedBatches;
  /** How many keys each connection of a caller can remember; the one proven first is evicted. */
  readonly roomOf: (callerId: string) => number;
  readonly clock: Clock;
  readonly monotonicClock: Clock;
  readonly log: (message: string, error?: unknown) => void;
}

/** The connecting caller: the proof of its key, and its address. */
export interface LocalCaller {
  readonly proof: Proof;
  readonly ip: string | null;
}

/** The channel back to a client. */
export interface LocalLink {
  send(message: LocalMessage): void;
  close(code: number, reason: string): void;
}

type Of<Type extends LocalRequest['type']> = Extract<LocalRequest, { type: Type }>;
type Answerable = Extract<LocalRequest, { id: number }>;

/**
 * One process of a caller that decides locally. It learns of every change to what it has cached in the same turn of
 * the event loop in which the change is applied, so that no earlier answer can arrive after it.
 */
export class LocalConnection {
  private readonly remembered = new Set<string>();
  private readonly leases: HeldLeases;
  private proof: Proof;
  private waiting = 0;
  private ended = false;

  constructor(
    private readonly deps: LocalConnectionDeps,
    private readonly caller: LocalCaller,
    private readonly link: LocalLink,
  ) {
    this.proof = caller.proof;
    this.leases = new HeldLeases(deps.monotonicClock);
  }

  /** Id of the key that it connected with. */
  get callerId(): string {
    return this.caller.proof.key.id;
  }

  /** Answers a message; never throws. */
  take(text: string): void {
    this.checkCaller();
    if (this.ended) return;
    const read = readMessage(text);
    if (!read) return this.end(LOCAL_CLOSED.BAD_MESSAGE, 'Invalid message');
    if ('bad' in read) return this.fail(read.bad, 'BAD');
    const { request } = read;
    if (request.type === 'dropped') for (const keyId of request.keyIds) this.remembered.delete(keyId);
    else if (request.type === 'release') this.leases.release(request.lease, request.units);
    else if (this.waiting >= MAX_WAITING) this.fail(request.id, 'UNAVAILABLE', 1);
    else this.answerWhenSettled(request);
  }

  /** Applies a change. What the caller is allowed to learn changes with its own key. */
  apply(change: ChangedIds | 'ALL'): void {
    this.checkCaller();
    if (change === 'ALL' || touchesDirectory(change) || change.apiKeys.includes(this.proof.key.id)) {
      this.remembered.clear();
      return this.send({ type: 'forget', keyIds: 'ALL' });
    }
    const keyIds = change.apiKeys.filter((keyId) => this.remembered.delete(keyId));
    if (keyIds.length > 0) this.send({ type: 'forget', keyIds });
  }

  /** Closes the connection if the caller is no longer allowed: its key may have expired or changed. */
  checkCaller(): void {
    const proof = this.deps.gate.renew(this.proof, this.caller.ip, NEEDED);
    if (proof) this.proof = proof;
    else this.end(LOCAL_CLOSED.CALLER_REFUSED, 'The key of the caller is no longer accepted');
  }

  /** Sends how current the server is. */
  sendState(state: LocalState): void {
    this.send({ type: 'state', state });
  }

  /** Stops answering. */
  stop(): void {
    this.ended = true;
    this.remembered.clear();
  }

  private answerWhenSettled(request: Answerable): void {
    const settled = this.deps.gate.settled();
    if (!settled) return this.answer(request);
    this.waiting++;
    const go = (): void => {
      this.waiting--;
      if (!this.ended) this.answer(request);
    };
    void settled.then(go);
  }

  private answer(request: Answerable): void {
    try {
      if (request.type === 'prove') this.prove(request);
      else if (request.type === 'judge') this.judge(request);
      else if (request.type === 'lease') this.lease(request);
      else this.count(request);
    } catch (error) {
      this.refuse(request.id, error);
    }
  }

  private refuse(id: number, error: unknown): void {
    if (!(error instanceof AppError))
      this.deps.log('A response to a local verifier could not be sent.', error);
    const retryAfterSeconds = (error instanceof AppError && error.retryAfterSeconds) || 1;
    this.fail(id, 'UNAVAILABLE', retryAfterSeconds);
  }

  private prove({ id, token, question, environment, facts }: Of<'prove'>): void {
    const { service } = this.deps;
    const { ip, ...rest } = facts;
    const asked = {
      ...question,
      environment,
      ip: plainAddress(ip),
      caller: this.proof.key.rights.access,
      cost: 1,
    };
    const requestId = newId(ID_PREFIXES.request);
    const proven = service.prove(readNamedCredential(token, {}), asked, { ...rest, requestId });
    if ('code' in proven) {
      const { code, message } = proven;
      return this.sendWhenSafe({ type: 'refused', id, code, message });
    }
    this.remember(proven.key.id);
    this.send({ type: 'proved', id, key: localKeyOf(proven), judgement: judge(proven.key, question) });
  }

  private judge({ id, keyId, question }: Of<'judge'>): void {
    this.deps.freshness.requireFresh();
    const key = this.rememberedKey(keyId);
    if (!key) return this.fail(id, 'NOT_REMEMBERED');
    this.send({ type: 'judged', id, judgement: judge(key, question) });
  }

  private lease({ id, keyId, wanted, needed }: Of<'lease'>): void {
    const { freshness, limiter } = this.deps;
    freshness.requireFresh();
    if (needed > wanted) return this.fail(id, 'BAD');
    const key = this.rememberedKey(keyId);
    if (!key) return this.fail(id, 'NOT_REMEMBERED');
    const lease = limiter.lease(key.id, key.traits.limits, wanted, needed);
    if (!(lease instanceof Promise)) return this.leased(id, key, lease);
    this.waiting++;
    void lease
      .finally(() => this.waiting--)
      .then((taken) => this.leasedLater(id, key, taken))
      .catch((error: unknown) => this.refuse(id, error));
  }

  private leasedLater(id: number, key: IndexedKey, lease: Lease): void {
    try {
      this.deps.freshness.requireFresh();
    } catch (error) {
      lease.returnUnits(lease.units);
      throw error;
    }
    // Any other change of the key is checked when it is next requested.
    if (!this.ended && this.rememberedKey(key.id) === key) return this.leased(id, key, lease);
    lease.returnUnits(lease.units);
    this.fail(id, 'NOT_REMEMBERED');
  }

  private leased(id: number, key: IndexedKey, lease: Lease): void {
    const { units, ttlMs, limits, refusedBy, retryAfterSeconds } = lease;
    const charged = units > 0 && survivesRestart(key.traits.limits);
    const name = units > 0 ? this.leases.keep(charged ? this.noted(key, lease) : lease) : null;
    const answer = { id, lease: name, units, ttlMs, limits, refusedBy, retryAfterSeconds };
    if (charged) this.sendWhenSafe({ type: 'leased', ...answer });
    else this.send({ type: 'leased', ...answer });
  }

  /** Records the charge of a lease for a restart, with the last moment at which the lease can be used. */
  private noted({ id }: IndexedKey, lease: Lease): Lease {
    const { recorder, clock } = this.deps;
    const lastMs = clock.now() + lease.ttlMs;
    recorder.touch(id, lastMs, lease.units);
    return {
      ...lease,
      returnUnits: (units) => {
        lease.returnUnits(units);
        recorder.touch(id, lastMs, -units);
      },
    };
  }

  private count({ id, batch }: Of<'usage'>): void {
    if (!this.deps.reports.take(batch, this.proof.key.rights.access)) return this.fail(id, 'BAD');
    this.sendWhenSafe({ type: 'counted', id });
  }

  private rememberedKey(keyId: string): IndexedKey | undefined {
    return this.remembered.has(keyId) ? this.deps.index.get(keyId) : undefined;
  }

  private remember(keyId: string): void {
    this.remembered.add(keyId);
    const tooMany = this.remembered.size - this.deps.roomOf(this.callerId);
    if (tooMany <= 0) return;
    // More than one if connections of the same caller were added; a few at a time.
    const oldest: string[] = [];
    for (const each of this.remembered) {
      if (oldest.length === Math.min(tooMany, MAX_FORGOTTEN)) break;
      oldest.push(each);
      this.remembered.delete(each);
    }
    this.send({ type: 'forget', keyIds: oldest });
  }

  private end(code: number, reason: string): void {
    if (this.ended) return;
    this.stop();
    this.link.close(code, reason);
  }

  private fail(
    id: number,
    code: 'UNAVAILABLE' | 'NOT_REMEMBERED' | 'BAD',
    retryAfterSeconds: number | null = null,
  ): void {
    this.send({ type: 'failed', id, code, retryAfterSeconds });
  }

  private send(message: LocalMessage): void {
    if (!this.ended) this.link.send(message);
  }

  private sendWhenSafe(message: LocalMessage): void {
    this.waiting++;
    this.deps.recorder.whenSafe(() => {
      this.waiting--;
      this.send(message);
    });
  }
}
