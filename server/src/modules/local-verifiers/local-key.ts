import type { LocalJudgement, LocalKey, LocalQuestion } from '@keywright/schema/local-protocol';
import type { IndexedKey } from '../replica/indexed-key.js';
import type { Proof } from '../verification/proof.js';

/** What a local verifier needs to decide about a key that it has proven. */
export function localKeyOf({ key, usedPreviousSecret }: Proof): LocalKey {
  const { record, traits } = key;
  return {
    keyId: key.id,
    name: record.name,
    environment: key.environment,
    serviceAccountId: traits.serviceAccountId,
    metadata: traits.metadata,
    revoked: key.revoked,
    enabled: key.enabled,
    expiresAtMs: key.expiresAtMs,
    allowedCidrs: traits.allowedCidrs,
    limited: traits.limits.windows.length + traits.limits.quotas.length > 0,
    previousSecretUntilMs: usedPreviousSecret ? record.previous!.endsAtMs : null,
  };
}

/** The answer of a key's rights to a question. */
export function judge({ rights }: IndexedKey, { permissions, scopeId }: LocalQuestion): LocalJudgement {
  const { refused, text } = rights.judge(permissions, scopeId);
  if (refused !== undefined) return { refused, permissions: [], scopes: [] };
  return { refused: null, ...(JSON.parse(`{${text}}`) as Pick<LocalJudgement, 'permissions' | 'scopes'>) };
}
