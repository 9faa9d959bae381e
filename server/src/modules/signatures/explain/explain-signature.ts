import { readSignature } from '../read-signature.js';
import { isRefusal, type SignatureClaim, type SignatureRefusal } from '../signature-claim.js';
import type { SignatureProfile } from '../signature-profile.js';
import type { SignedRequest } from '../signed-request.js';
import { verifySignature } from '../verify-signature.js';
import { bodyStep } from './body-step.js';
import { STEPS_OF, type ExplainedStep, type ExplainedStepName, type Explanation } from './explanation.js';
import { likelyMistake } from './likely-mistake.js';
import { lostCase } from './lost-case.js';
import { detailOfPassed } from './passed-detail.js';
import { claimBeside, shapeMistake } from './shape-mistake.js';
import { explainLate } from './time-hint.js';
import { looksSigned, stringOfRefused } from './refused-request.js';

/** A signing key with its secrets. */
export interface SigningKey {
  readonly id: string;
  readonly secret: Buffer;
  /** The previous secret and when it stops working, in milliseconds since 1970. */
  readonly previous: { readonly secret: Buffer; readonly endsAtMs: number } | null;
  readonly profiles: readonly SignatureProfile[];
}

/** Components without a value if only path and query are known. */
const NEEDS_SCHEME: ReadonlySet<string> = new Set(['"@target-uri"', '"@scheme"']);
const WITH_SCHEME =
  'Every covered component has a value in this request. The scheme is covered, so verification needs the whole URL, not only its path and query.';

const NOT_REACHED = 'Not reached, because an earlier step failed.';

type Found = Omit<ExplainedStep, 'name'>;
const passed = (detail: string): Found => ({ outcome: 'PASSED', detail });
const failed = (detail: string): Found => ({ outcome: 'FAILED', detail });
const notReached = (detail = NOT_REACHED): Found => ({ outcome: 'NOT_REACHED', detail });

const isoOf = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

function keyStep({ clientId, ...claim }: SignatureClaim, key: SigningKey): Found {
  if (clientId === key.id) return passed('The request names this key.');
  const why =
    clientId.toLowerCase() === key.id.toLowerCase()
      ? 'It differs only in case, which matters.'
      : verifySignature({ clientId, ...claim }, key.secret)
        ? 'It was still signed with the secret of this key: send its Key ID.'
        : 'Check it on the details page of the key it names.';
  return failed(`The request names a different Key ID than this key. ${why}`);
}

/** The step that asks the same question as verification: does one of the active secrets match? */
function signatureStep(claim: SignatureClaim, request: SignedRequest, nowMs: number, key: SigningKey): Found {
  const { secret, previous } = key;
  if (claim.clientId !== key.id) return notReached();
  if (verifySignature(claim, secret)) return passed('The signature matches the current secret.');
  if (previous && verifySignature(claim, previous.secret)) {
    const until = isoOf(previous.endsAtMs);
    return nowMs < previous.endsAtMs
      ? passed(
          `The signature matches the previous secret, which works until ${until}. Switch to the new one.`,
        )
      : failed(`The request was signed with the previous secret, which worked until ${until}.`);
  }
  const mistake = likelyMistake(claim, request, key);
  if (mistake) return failed(`The signature does not match because ${mistake}.`);
  return failed(
    `The signature does not match.${lostCase(request, claim.profile)} Compare the string to sign with the one that the client signs; if they are the same, the client uses a different secret.`,
  );
}

const acceptedStep = ({ profile }: SignatureClaim, { profiles }: SigningKey): Found =>
  profiles.includes(profile)
    ? passed('The key accepts this profile.')
    : failed(
        `The key does not accept this profile; it accepts ${profiles.join(', ')}. Edit the key to change that.`,
      );

/**
 * All steps in order: those before the first given step have passed, and any other steps not given were not reached.
 */
function stepsOf(
  profile: SignatureProfile,
  request: SignedRequest,
  found: ReadonlyMap<ExplainedStepName, Found>,
): ExplainedStep[] {
  let reached = false;
  return STEPS_OF[profile].map((name) => {
    const step = found.get(name);
    reached ||= step !== undefined;
    if (step) return { name, ...step };
    return { name, ...(reached ? notReached() : passed(detailOfPassed(name, profile, request))) };
  });
}

/** A request without a claim: rejected for any key, or not signed at all. */
function explainRefused(
  request: SignedRequest,
  refusal: SignatureRefusal,
  nowMs: number,
  { secret }: SigningKey,
): Explanation {
  const { refused, profile, step, detail } = refusal;
  if (!profile) {
    const steps = [{ name: step, ...failed(detail) }];
    return { profile, refused, steps, stringToSign: null, nonce: null };
  }
  const hint = step === 'SHAPE' ? shapeMistake(request, profile, nowMs, secret) : '';
  const stringToSign =
    claimBeside(request, profile, nowMs)?.signingInput.toString() ?? stringOfRefused(request, profile);
  const steps = stepsOf(profile, request, new Map([[step, failed(detail + hint)]]));
  return { profile, refused, steps, stringToSign, nonce: null };
}

/**
 * Explains how verification judges a request that may be signed by the key, at a given time, using the same functions
 * to read and verify it. `body` is the received body; null: unknown. Uses up nothing, and reveals nothing that depends
 * on a secret except whether it matches. Never throws.
 */
export function explainSignature(
  request: SignedRequest,
  body: Buffer | null,
  nowMs: number,
  key: SigningKey,
): Explanation {
  const read = readSignature(request, nowMs);
  if (read === undefined) {
    const steps = [{ name: 'PROFILE' as const, ...failed(looksSigned(request)) }];
    return { profile: null, refused: 'KEY_MISSING', steps, stringToSign: null, nonce: null };
  }
  const late = isRefusal(read) ? read.late : undefined;
  const claim = isRefusal(read) ? late?.claim : read;
  if (isRefusal(read) && !claim) return explainRefused(request, read, nowMs, key);

  const { profile, signingInput, nonce, acceptedUntilMs, covered } = claim!;
  const seconds = Math.floor((acceptedUntilMs - nowMs) / 1000);
  const found = new Map<ExplainedStepName, Found>([
    [
      'TIME',
      late
        ? failed(explainLate(profile, late.aheadMs, nowMs))
        : passed(`The time is right; the signature is accepted for another ${seconds} s.`),
    ],
    ['KEY', keyStep(claim!, key)],
    ['SIGNATURE', signatureStep(claim!, request, nowMs, key)],
    ['ACCEPTED', acceptedStep(claim!, key)],
    ['BODY', bodyStep(claim!, body)],
  ]);
  if (covered.some((identifier) => NEEDS_SCHEME.has(identifier)))
    found.set('COMPONENTS', passed(WITH_SCHEME));
  const steps = stepsOf(profile, request, found);
  const fails = steps.some(({ outcome }) => outcome === 'FAILED');
  const refused = isRefusal(read) ? read.refused : fails ? 'SIGNATURE_INVALID' : null;
  return {
    profile,
    refused,
    steps,
    stringToSign: signingInput.toString(),
    nonce: refused === null && nonce ? nonce.value : null,
  };
}
