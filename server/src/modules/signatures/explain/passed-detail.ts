import type { SignatureProfile } from '../signature-profile.js';
import type { SignedRequest } from '../signed-request.js';
import type { ExplainedStepName } from './explanation.js';
import { writtenSignature } from './signed-parts.js';

const PROFILES: Readonly<Record<SignatureProfile, string>> = {
  TIMESTAMP: 'The request is signed by the timestamp profile, in headers.',
  EXPIRY: 'The request is signed by the expiry profile, in the query.',
  RFC9421: 'The request is signed by HTTP Message Signatures (RFC 9421).',
};

const OTHERS: Partial<Record<ExplainedStepName, string>> = {
  PARAMETERS: 'created, nonce and keyid are present and well formed.',
  COVERAGE: 'The signature covers the method, the whole target, and the digest of a body where there is one.',
  COMPONENTS: 'Every covered component has a value in this request.',
};

/** The detail of a passed step that needs no key. */
export function detailOfPassed(
  name: ExplainedStepName,
  profile: SignatureProfile,
  request: SignedRequest,
): string {
  if (name === 'PROFILE') return PROFILES[profile];
  if (name === 'SHAPE' && profile === 'EXPIRY' && writtenSignature(request, profile)?.includes(' ')) {
    return 'Everything is present and well formed. The + of the signature was decoded as a space; it is read as + here.';
  }
  return OTHERS[name] ?? 'Everything is present and well formed.';
}
