import type { ScopeChoice } from './scopes.js';

/** A service account as an option for a key, with what the key would inherit. */
export interface ServiceAccountChoice {
  id: string;
  name: string;
  enabled: boolean;
  permissions: readonly string[];
  scope: ScopeChoice;
}
