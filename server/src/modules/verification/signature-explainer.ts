import type { Clock } from '../../core/clock.js';
import { AppError, badInput, notFound } from '../../core/errors.js';
import type { SecretBox } from '../../core/secret-box.js';
import { requireChange, type Principal } from '../access/decide/principal.js';
import { aboutSigningSecret } from '../keys/key-secret.js';
import type { MemoryRateLimiter } from '../limits/memory-rate-limiter.js';
import type { NonceMemory } from '../signatures/nonce-memory.js';
import { explainSignature, type SigningKey } from '../signatures/explain/explain-signature.js';
import type { ExplainedStep, Explanation } from '../signatures/explain/explanation.js';
import type { PastedRequest } from '../signatures/pasted/pasted-request.js';
import { readPasted } from '../signatures/pasted/read-pasted.js';
import { hasOtherCredential, readCredential } from './credential.js';
import type { IndexedKey, SealedSecret } from '../replica/indexed-key.js';
import type { KeyIndex } from '../replica/key-index.js';

/** A pasted request and the key that should have signed it. */
export interface ExplainRequest {
  readonly apiKeyId: string;
  readonly pasted: string;
  /** The time of verification; now if absent. */
  readonly at?: Date | null;
}

/** What was read from a pasted request, and how verification evaluates its signature. */
export interface ExplainedRequest extends Pick<Explanation, 'profile' | 'steps' | 'stringToSign'> {
  /** Whether no step failed. */
  readonly passes: boolean;
  /** The code with which verification rejects the signature; null if it accepts it. */
  readonly code: Explanation['refused'];
  readonly method: string;
  readonly url: string;
  readonly notes: readonly string[];
  readonly checkedAt: Date;
}

export interface SignatureExplainerDeps {
  readonly index: KeyIndex;
  /** Null if several processes share nonces. */
  readonly nonces: Pick<NonceMemory, 'has'> | null;
  /** Opens signing secrets. */
  readonly box: Pick<SecretBox, 'open'>;
  readonly limiter: MemoryRateLimiter;
  readonly clock: Clock;
}

/** Limit on explanations per caller: far more than a person pastes, far less than guessing needs. */
const RULES = { windows: [{ name: 'minute', limit: 60, windowSeconds: 60 }], quotas: [] };

const ONCE = 'It works once; this check does not use it up.';

const SECRET_SHAPED = /kws_[0-9A-Za-z]{43}/;
const HOLDS_SECRET =
  'The text holds what looks like a signing secret. A secret signs and is never sent: if this one was, regenerate the key.';

/**
 * Explains why a signature is accepted or rejected, from the same index and with the same functions as verification.
 * Consumes no nonce or limit, counts nothing and stores nothing of the pasted request.
 */
export class SignatureExplainer {
  constructor(private readonly deps: SignatureExplainerDeps) {}

  /** Errors: NOT_FOUND, FORBIDDEN, TOO_MANY_ATTEMPTS, KEY_REVOKED, BAD_USER_INPUT. */
  explain(by: Principal, { apiKeyId, pasted, at }: ExplainRequest): ExplainedRequest {
    const { index, clock } = this.deps;
    const key = index.get(apiKeyId);
    if (!key) throw notFound();
    requireChange(by, 'keywright.verify', 'keywright.keys.read', key.traits.scopeId);
    this.count(by);
    const signing = this.signingKeyOf(key);
    const request = readPasted(pasted);
    if ('unreadable' in request) throw badInput([{ path: 'pasted', message: request.unreadable }]);
    const nowMs = at?.getTime() ?? clock.now();
    const { body, method, url, notes } = request;
    const { profile, refused, steps, stringToSign, nonce } = explainSignature(request, body, nowMs, signing);
    const credential = credentialStep(request, refused);
    const all = [...credential, ...steps, ...this.nonceStep(key.id, nonce)];
    return {
      passes: all.every(({ outcome }) => outcome !== 'FAILED'),
      code: credential.length > 0 ? 'AMBIGUOUS_CREDENTIAL' : refused,
      profile,
      steps: all,
      stringToSign,
      method,
      url,
      notes: SECRET_SHAPED.test(pasted) ? [HOLDS_SECRET, ...notes] : notes,
      checkedAt: new Date(nowMs),
    };
  }

  private count({ actor }: Principal): void {
    const { allowed, retryAfterSeconds } = this.deps.limiter.consume(actor.id ?? actor.kind, RULES, 1);
    if (allowed) return;
    throw new AppError(
      'TOO_MANY_ATTEMPTS',
      'Too many signatures were checked. Wait a moment, then try again.',
      {
        retryAfterSeconds: retryAfterSeconds ?? 1,
      },
    );
  }

  private signingKeyOf({ id, record: { signing }, traits }: IndexedKey): SigningKey {
    if (traits.revoked) throw new AppError('KEY_REVOKED', 'This key is revoked; its secret was erased.');
    if (!signing) {
      const message = 'This key is sent with each request and does not sign.';
      throw badInput([{ path: 'apiKeyId', message }]);
    }
    const { secret, previous } = signing;
    return {
      id,
      secret: this.open(id, secret),
      previous: previous && { secret: this.open(id, previous), endsAtMs: previous.endsAtMs },
      profiles: traits.signatureProfiles,
    };
  }

  /** The secret; an empty one, which signs nothing, if it cannot be opened. */
  private open(keyId: string, { sealed, version }: SealedSecret): Buffer {
    return this.deps.box.open(sealed, aboutSigningSecret(keyId, version)) ?? Buffer.alloc(0);
  }

  private nonceStep(keyId: string, nonce: string | null): ExplainedStep[] {
    if (nonce === null) return [];
    const { nonces } = this.deps;
    const detail =
      nonces === null
        ? `A nonce is checked when it is used. ${ONCE}`
        : nonces.has(keyId, nonce)
          ? 'The nonce was already used here: the same request is rejected as REPLAYED when it is sent again. Use a new nonce for each request.'
          : `This process has not seen the nonce yet. ${ONCE}`;
    return [{ name: 'NONCE', outcome: 'NOTE', detail }];
  }
}

/** A failed step if a signed request also carries a key; no step otherwise. */
function credentialStep({ headers, url }: PastedRequest, refused: Explanation['refused']): ExplainedStep[] {
  if (refused === 'KEY_MISSING' || !hasOtherCredential(readCredential(headers, url))) return [];
  const detail =
    'The request has both a signature and an API key in X-API-KEY, Authorization or the URL. Send one of the two.';
  return [{ name: 'CREDENTIAL', outcome: 'FAILED', detail }];
}
