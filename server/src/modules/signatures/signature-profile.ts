/** How a request may be signed; a key names the profiles it accepts. */
export type SignatureProfile = 'TIMESTAMP' | 'EXPIRY' | 'RFC9421';

/**
 * What a signed request goes through, by name. `ACCEPTED` (the key accepts the profile) and `SIGNATURE` need the key; all
 * the others do not.
 */
export type SignatureStep =
  'PROFILE' | 'SHAPE' | 'PARAMETERS' | 'COVERAGE' | 'COMPONENTS' | 'TIME' | 'ACCEPTED' | 'SIGNATURE';
