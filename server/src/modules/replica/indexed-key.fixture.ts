import { ROOT_SCOPE } from '../scopes/tree/scope.js';
import type { KeyRecord, KeyTraits } from './indexed-key.js';

const TRAITS: KeyTraits = {
  environment: 'PRODUCTION',
  enabled: true,
  revoked: false,
  pepperId: 1,
  limits: { windows: [], quotas: [] },
  allowedCidrs: [],
  metadata: {},
  signatureProfiles: [],
  scopeId: ROOT_SCOPE.id,
  serviceAccountId: null,
  narrowed: false,
  grants: [],
};

/** Opens no signing secret. */
export const NO_SECRETS = { open: (): null => null };

/** The fields of a key, or of its traits, that a test overrides. */
export type KeyChanges = Partial<Omit<KeyRecord, 'traits'> & KeyTraits>;

/** A valid key without grants; each test overrides what it is about. */
export function keyRecord(changes: KeyChanges = {}): KeyRecord {
  const own: Record<string, unknown> = {};
  const traits: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(changes)) (name in TRAITS ? traits : own)[name] = value;
  return {
    id: 'key_1',
    name: 'CRM',
    expiresAtMs: null,
    publicPart: 'aaa',
    digest: '\0'.repeat(32),
    previous: null,
    signing: null,
    version: 1,
    ...own,
    traits: { ...TRAITS, ...traits },
  };
}
