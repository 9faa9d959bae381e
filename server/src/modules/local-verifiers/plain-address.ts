import { normalizeAddress } from '@keywright/schema/ip-ranges';

/** The address that a local verifier reports, in its plain form; null for any other text. */
export const plainAddress = (ip: string | null): string | null =>
  ip === null ? null : (normalizeAddress(ip) ?? null);
