/** Signature profiles; a key names the ones that it accepts. */
export type SignatureProfile = 'TIMESTAMP' | 'EXPIRY' | 'RFC9421';

/**
 * The steps of checking a signed request. Only `ACCEPTED` (the key accepts the profile) and `SIGNATURE` need the key.
 */
export type SignatureStep =
  | 'PROFILE'
  | 'SHAPE'
  | 'PARAMETERS'
  | 'COVERAGE'
  | 'COMPONENTS'
  | 'TIME'
  | 'ACCEPTED'
  | 'SIGNATURE';
