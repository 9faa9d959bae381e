/** The ways in which a key can exceed a restriction. */
export type Excess =
  'REVOKED' | 'DISABLED' | 'SECRET_REPLACED' | 'EXPIRY' | 'ACCESS' | 'ADDRESSES' | 'LIMITS' | 'SIGNATURES';
