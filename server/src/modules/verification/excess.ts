/** In what a key exceeds a restriction. */
export type Excess =
  'REVOKED' | 'DISABLED' | 'SECRET_REPLACED' | 'EXPIRY' | 'ACCESS' | 'ADDRESSES' | 'LIMITS' | 'SIGNATURES';
