import { lifecycleFault } from '@keywright/schema/lifecycle';
import { refusalOf } from '@keywright/schema/steps';
import type { Clock } from '../../core/clock.js';
import { ID_PREFIXES, newId } from '../../core/id.js';
import type { AccessSet } from '../access/decide/access-set.js';
import type { ManagementPermission, Principal } from '../access/decide/principal.js';
import type { HeaderBag } from '../signatures/header-values.js';
import type { RowDetails, VerificationRecorder } from '../usage/usage-event.js';
import { readCallerCredential, readCredential, type SentCredential } from './credential.js';
import type { IndexedKey } from '../replica/indexed-key.js';
import type { KeyQuestion } from '../replica/key-rights.js';
import type { KeyIndex } from '../replica/key-index.js';
import { isPreviousSecret, secretName, type Proof } from './proof.js';
import type { Verdict, VerificationRequest } from './verdict.js';
import type { VerificationTally } from './verification-tally.js';
import type { Verifier } from './verifier.js';

/** The verified request, for the log. */
export interface RequestFacts {
  /** Id of the log row; generated if absent. */
  readonly requestId?: string;
  readonly method: string | null;
  /** Path and query. */
  readonly path: string | null;
  readonly userAgent: string | null;
}

/** A call to Keywright itself that carries a key. */
export interface CallFacts extends RequestFacts {
  readonly ip: string | null;
}

/** The principal that calls, or the verdict that rejects the call. */
export type PrincipalResult = { readonly principal: Principal } | { readonly verdict: Verdict };

/**
 * What the caller of the verification endpoints can do, and the proof of its credential; or the verdict that rejects
 * it.
 */
export type CallerResult =
  { readonly access: AccessSet; readonly proof: Proof } | { readonly verdict: Verdict };

export interface VerificationServiceDeps {
  readonly verifier: Verifier;
  readonly index: KeyIndex;
  readonly recorder: VerificationRecorder;
  readonly tally: VerificationTally;
  readonly settled: () => Promise<void> | null;
  readonly clock: Clock;
}

const principalOf = (key: IndexedKey, ip: string | null): Principal => ({
  actor: { kind: 'API_KEY', id: key.id, name: key.record.name },
  access: key.rights.access,
  ip,
  sessionId: null,
  customerId: key.rights.customerId,
});

/** Placeholder where the credential has already been read. */
const NO_CREDENTIAL = { refused: 'KEY_MISSING' } as const;

/** The question for a key that calls Keywright itself: it must be a production key. */
const callBy = (
  credential: VerificationRequest['credential'],
  ip: string | null,
  permissions: readonly string[] = [],
): VerificationRequest => ({
  credential,
  environment: 'PRODUCTION',
  permissions,
  scopeId: null,
  ip,
  caller: null,
  cost: 1,
});

/** Verifies, counts and logs: every verification goes through here. */
export class VerificationService {
  constructor(private readonly deps: VerificationServiceDeps) {}

  /**
   * The verdict, counted and logged; a promise only if other processes must be consulted about a nonce or limits.
   * Error: UNAVAILABLE if the key index is too old to decide, or NonceUnknown; then nothing is counted.
   */
  decide(request: VerificationRequest, facts: RequestFacts): Verdict | Promise<Verdict> {
    const startedAt = performance.now();
    const verdict = this.deps.verifier.verify(request);
    if (!(verdict instanceof Promise)) return this.record(verdict, request, facts, startedAt);
    return verdict.then((known) => this.record(known, request, facts, startedAt));
  }

  private record(
    verdict: Verdict,
    request: VerificationRequest,
    facts: RequestFacts,
    startedAt: number,
  ): Verdict {
    const microseconds = Math.round((performance.now() - startedAt) * 1000);
    this.deps.tally.count(verdict.code, microseconds);
    this.note(request, verdict, facts, microseconds);
    return verdict;
  }

  /**
   * Only proves a key, for callers that then decide themselves. A rejection is counted and logged like any other; the
   * caller counts a proven key. Error: as {@link decide}.
   */
  prove(
    credential: SentCredential,
    asked: Omit<VerificationRequest, 'credential'>,
    facts: RequestFacts,
  ): Proof | Verdict {
    const startedAt = performance.now();
    const proven = this.deps.verifier.prove(credential, asked.caller, this.deps.clock.now());
    if (!('code' in proven)) return proven;
    const microseconds = Math.round((performance.now() - startedAt) * 1000);
    this.deps.tally.count(proven.code, microseconds);
    this.note({ ...asked, credential }, proven, facts, microseconds);
    return proven;
  }

  /**
   * The current proof of a caller; undefined once the caller is no longer allowed. Counts nothing: for connections
   * that outlive a request.
   */
  renewCaller(
    proof: Proof,
    ip: string | null,
    permissions: readonly ManagementPermission[],
  ): Proof | undefined {
    return this.deps.verifier.renew(proof, callBy(NO_CREDENTIAL, ip, permissions));
  }

  /** Resolves once it is known whether the index can be trusted; null if nothing makes it doubtful, as nearly always. */
  settled(): Promise<void> | null {
    return this.deps.settled();
  }

  /** Calls back once all verdicts so far would survive the end of the process; only then can they be sent. */
  whenSafe(callback: () => void): void {
    this.deps.recorder.whenSafe(callback);
  }

  /** The same as a promise. */
  safe(): Promise<void> {
    return new Promise((resolve) => this.whenSafe(resolve));
  }

  /** The key that calls the management API with `X-API-KEY`; counted and logged as a verification of that key. */
  async authenticate(headers: HeaderBag, call: CallFacts): Promise<PrincipalResult> {
    const verdict = await this.decide(callBy(readCredential(headers, call.path ?? undefined), call.ip), call);
    return this.answer(verdict, call.ip);
  }

  /**
   * The key that calls a verification endpoint with `X-API-KEY` or `Authorization: Bearer`. The call counts as a use
   * of that key; only a rejected call is logged, since what it asks about is logged separately. `known` is what the
   * same credential proved earlier on the same connection. Synchronous, or a promise as for {@link decide}.
   */
  authenticateCaller(
    headers: HeaderBag,
    call: CallFacts,
    permissions: readonly ManagementPermission[],
    known: Proof | null = null,
  ): CallerResult | Promise<CallerResult> {
    const { verifier } = this.deps;
    const again = known && verifier.verifyAgain(known, callBy(NO_CREDENTIAL, call.ip, permissions));
    const verdict = again ?? verifier.verify(this.firstCall(headers, call, permissions));
    if (!(verdict instanceof Promise)) return this.toCallerResult(verdict, call, permissions);
    return verdict.then((decided) => this.toCallerResult(decided, call, permissions));
  }

  private toCallerResult(
    verdict: Verdict,
    call: CallFacts,
    permissions: readonly ManagementPermission[],
  ): CallerResult {
    if (verdict.code === 'VALID') this.countUse(verdict);
    else {
      this.deps.tally.count(verdict.code, 0);
      this.note(callBy(NO_CREDENTIAL, call.ip, permissions), verdict, call, null);
    }
    const { key, proof } = verdict;
    return verdict.code === 'VALID' ? { access: key!.rights.access, proof: proof! } : { verdict };
  }

  private firstCall(
    headers: HeaderBag,
    call: CallFacts,
    permissions: readonly string[],
  ): VerificationRequest {
    return callBy(readCallerCredential(headers, call.path ?? undefined), call.ip, permissions);
  }

  private countUse({ key, usedPreviousSecret, units }: Verdict): void {
    this.deps.recorder.use(key!, this.deps.clock.now(), usedPreviousSecret, units);
  }

  /**
   * The current state of a key that called before; null if it would now be rejected, or no longer has the secret it
   * used. Counts nothing: for whatever outlives one request.
   */
  refresh({ actor, ip, secretName: shown }: Principal): Principal | null {
    const key = this.deps.index.get(actor.id ?? '');
    const nowMs = this.deps.clock.now();
    if (
      !key ||
      shown === undefined ||
      refusalOf<KeyQuestion>(key, callBy(NO_CREDENTIAL, ip), nowMs) !== undefined
    )
      return null;
    const usedPreviousSecret = isPreviousSecret(key.record, shown, nowMs);
    if (usedPreviousSecret === undefined) return null;
    return { ...principalOf(key, ip), usedPreviousSecret, secretName: shown };
  }

  /** The current rights of a key, from any address; null once it is revoked, disabled or expired. Counts nothing. */
  keyNow(id: string): Principal | null {
    const key = this.deps.index.get(id);
    return !key || lifecycleFault(key, this.deps.clock.now()) !== undefined ? null : principalOf(key, null);
  }

  private answer(verdict: Verdict, ip: string | null): PrincipalResult {
    const { code, key, usedPreviousSecret } = verdict;
    if (code !== 'VALID') return { verdict };
    const shown = secretName(key!.record, usedPreviousSecret);
    return { principal: { ...principalOf(key!, ip), usedPreviousSecret, secretName: shown } };
  }

  private note(
    request: VerificationRequest,
    verdict: Verdict,
    facts: RequestFacts,
    latencyMicroseconds: number | null,
  ): void {
    const { key, code, usedPreviousSecret, units } = verdict;
    // The installation does not count requests without a key that reach a customer's own gateways.
    if (key === null && request.caller !== null && !request.caller.holdsEverywhere('keywright.verify'))
      return;
    const atMs = this.deps.clock.now();
    const row = (): RowDetails => rowOf(request, verdict, facts, latencyMicroseconds);
    this.deps.recorder.record({
      atMs,
      environment: request.environment,
      code,
      apiKeyId: key?.id ?? '',
      usedPreviousSecret,
      units,
      sampled: key,
      row,
    });
  }
}

const rowOf = (
  { permissions, scopeId, ip }: VerificationRequest,
  { maskedSecret, status }: Verdict,
  { method, path, userAgent, requestId: id = newId(ID_PREFIXES.request) }: RequestFacts,
  latencyMicroseconds: number | null,
): RowDetails => ({
  id,
  maskedSecret,
  status,
  method,
  path,
  permission: permissions.length > 0 ? permissions.join(' ') : null,
  scopeId,
  ip,
  userAgent,
  latencyMicroseconds,
});
