import { toCsv } from '@keywright/schema/csv';
import type { ApiKey } from './key.js';

/** Shown once. Never stored, never logged, never returned again. */
export interface IssuedSecret {
  readonly keyId: string;
  readonly secret: string;
  /** Base URL of the sample API in the key's environment. */
  readonly apiUrl: string;
  readonly csv: string;
}

/** Builds what is shown once after a key was created or regenerated. */
export function issueSecret(publicUrl: string, key: ApiKey, secret: string): IssuedSecret {
  const apiUrl = `${publicUrl}/sandbox/${key.environment.toLowerCase()}`;
  const header = ['API Title', 'API URL', 'Access ID', 'Secret Key', 'Expires On'];
  const row = [key.name, apiUrl, key.id, secret, key.expiresAt?.toISOString() ?? 'Never'];
  return { keyId: key.id, secret, apiUrl, csv: toCsv([header, row]) };
}
