/** Where a key can be used; chosen at creation, never changed. */
export type Environment = 'PRODUCTION' | 'STAGING' | 'DEVELOPMENT';

/** All environments, in display order. */
export const ENVIRONMENTS: readonly Environment[] = ['PRODUCTION', 'STAGING', 'DEVELOPMENT'];

/** Whether a value names an environment. */
export const isEnvironment = (value: unknown): value is Environment =>
  value === 'PRODUCTION' || value === 'STAGING' || value === 'DEVELOPMENT';
