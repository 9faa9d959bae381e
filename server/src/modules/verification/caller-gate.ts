import { lifecycleFault } from '@keywright/schema/lifecycle';
import { refusalOf } from '@keywright/schema/steps';
import type { Clock } from '../../core/clock.js';
import { whenKnown, type Eventual } from '../../core/eventual.js';
import type { AccessSet } from '../access/decide/access-set.js';
import type { ManagementPermission, Principal } from '../access/decide/principal.js';
import type { IndexedKey } from '../replica/indexed-key.js';
import type { KeyIndex } from '../replica/key-index.js';
import type { KeyQuestion } from '../replica/key-rights.js';
import type { HeaderBag } from '../signatures/header-values.js';
import { readCallerCredential, readCredential } from './credential.js';
import { isPreviousSecret, secretName, type Proof } from './proof.js';
import type { Verdict, VerificationRequest } from './verdict.js';
import type { RequestFacts, VerificationLog } from './verification-log.js';
import type { VerificationService } from './verification-service.js';
import type { Verifier } from './verifier.js';

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
  | { readonly access: AccessSet; readonly proof: Proof }
  | { readonly verdict: Verdict };

export interface CallerGateDeps {
  readonly service: Pick<VerificationService, 'decide' | 'safe'>;
  readonly verifier: Verifier;
  readonly index: Pick<KeyIndex, 'get'>;
  readonly log: VerificationLog;
  readonly freshness: {
    /** Resolves once it is known whether the index can be trusted; null if nothing makes it doubtful. */
    settled(): Promise<void> | null;
  };
  readonly clock: Clock;
}

/** A call of a verification endpoint, with the key that it shows. */
export interface GatedCall extends CallFacts {
  /** The headers that can carry the key. */
  readonly credentials: HeaderBag;
  /** What the caller must hold; one of them suffices. */
  readonly permissions: readonly ManagementPermission[];
  /** What the same credential proved earlier on the same connection; null if nothing. */
  readonly known: Proof | null;
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

/** Admits keys that call Keywright itself, by the same rules as every other key. */
export class CallerGate {
  constructor(private readonly deps: CallerGateDeps) {}

  /** Resolves once it is known whether the index can be trusted; null if nothing makes it doubtful, as nearly always. */
  settled(): Promise<void> | null {
    return this.deps.freshness.settled();
  }

  /** Resolves once the uses so far survive the end of the process. */
  safe(): Promise<void> {
    return this.deps.service.safe();
  }

  /** The key that calls the management API with `X-API-KEY`; counted and logged as a verification of that key. */
  async authenticate(headers: HeaderBag, call: CallFacts): Promise<PrincipalResult> {
    const { ip } = call;
    const asked = callBy(readCredential(headers, call.path ?? undefined), ip);
    const verdict = await this.deps.service.decide(asked, call);
    const { code, key, usedPreviousSecret } = verdict;
    if (code !== 'VALID') return { verdict };
    const shown = secretName(key!.record, usedPreviousSecret);
    return { principal: { ...principalOf(key!, ip), usedPreviousSecret, secretName: shown } };
  }

  /**
   * The key that calls a verification endpoint with `X-API-KEY` or `Authorization: Bearer`. The call counts as a use
   * of that key; only a rejected call is logged, since what it asks about is logged separately. A promise only while
   * the index is not {@link settled}, or if other processes must be consulted. Error: UNAVAILABLE if the key index is
   * too old to decide.
   */
  admit(call: GatedCall): Eventual<CallerResult> {
    return whenKnown(this.settled(), this.prove, call);
  }

  private readonly prove = (_settled: void | null, call: GatedCall): Eventual<CallerResult> => {
    const { verifier } = this.deps;
    const { credentials, permissions, known, path, ip } = call;
    const again = known && verifier.verifyAgain(known, callBy(NO_CREDENTIAL, ip, permissions));
    const verdict =
      again ?? verifier.verify(callBy(readCallerCredential(credentials, path ?? undefined), ip, permissions));
    return whenKnown(verdict, this.open, call);
  };

  private readonly open = (verdict: Verdict, call: GatedCall): CallerResult => {
    const { log } = this.deps;
    if (verdict.code !== 'VALID') {
      log.record(callBy(NO_CREDENTIAL, call.ip, call.permissions), verdict, call, null);
      return { verdict };
    }
    log.recordCall(verdict);
    return { access: verdict.key!.rights.access, proof: verdict.proof! };
  };

  /**
   * The current proof of an admitted caller; undefined once the caller is no longer allowed. Counts nothing: for
   * connections that outlive a request.
   */
  renew(proof: Proof, ip: string | null, permissions: readonly ManagementPermission[]): Proof | undefined {
    return this.deps.verifier.renew(proof, callBy(NO_CREDENTIAL, ip, permissions));
  }

  /**
   * The current state of a key that called before; null if it would now be rejected, or no longer has the secret it
   * used. Counts nothing: for whatever outlives one request.
   */
  refresh({ actor, ip, secretName: shown }: Principal): Principal | null {
    const key = this.deps.index.get(actor.id ?? '');
    const nowMs = this.deps.clock.now();
    if (!key || shown === undefined) return null;
    if (refusalOf<KeyQuestion>(key, callBy(NO_CREDENTIAL, ip), nowMs) !== undefined) return null;
    const usedPreviousSecret = isPreviousSecret(key.record, shown, nowMs);
    if (usedPreviousSecret === undefined) return null;
    return { ...principalOf(key, ip), usedPreviousSecret, secretName: shown };
  }

  /** The current rights of a key, from any address; null once it is revoked, disabled or expired. Counts nothing. */
  keyNow(id: string): Principal | null {
    const key = this.deps.index.get(id);
    return !key || lifecycleFault(key, this.deps.clock.now()) !== undefined ? null : principalOf(key, null);
  }
}
