import type { ApiKey } from './key.js';

/** Shown once. Never stored, never logged, never returned again. */
export interface IssuedSecret {
  readonly keyId: string;
  readonly secret: string;
  /** Base URL of the sample API in the key's environment. */
  readonly apiUrl: string;
  readonly csv: string;
}

/** A CSV cell (RFC 4180); what a spreadsheet would run as a formula is made text with a leading apostrophe. */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Puts together what is shown once after a key was created or got a new secret. */
export function issueSecret(publicUrl: string, key: ApiKey, secret: string): IssuedSecret {
  const apiUrl = `${publicUrl}/sandbox/${key.environment.toLowerCase()}`;
  const header = ['API Title', 'API URL', 'Access ID', 'Secret Key', 'Expires On'];
  const row = [key.name, apiUrl, key.id, secret, key.expiresAt?.toISOString() ?? 'Never'];
  const csv = [header, row].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
  return { keyId: key.id, secret, apiUrl, csv };
}
