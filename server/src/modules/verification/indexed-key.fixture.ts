import { ROOT_SCOPE } from '../scopes/scope.js';
import type { KeyRecord } from './indexed-key.js';

/** A key that is in order and holds nothing; each test replaces what it is about. */
export const keyRecord = (over: Partial<KeyRecord> = {}): KeyRecord => ({
  id: 'key_1',
  name: 'CRM',
  environment: 'PRODUCTION',
  enabled: true,
  revoked: false,
  expiresAtMs: null,
  publicPart: 'aaa',
  digest: '\0'.repeat(32),
  pepperId: 1,
  previous: null,
  limits: { windows: [], quotas: [] },
  allowedCidrs: [],
  metadata: {},
  scopeId: ROOT_SCOPE.id,
  serviceAccountId: null,
  narrowed: false,
  grants: [],
  version: 1,
  ...over,
});
