import { registerEnumType } from 'type-graphql';

/** Environments as a GraphQL enum. */
export const EnvironmentEnum = {
  PRODUCTION: 'PRODUCTION',
  STAGING: 'STAGING',
  DEVELOPMENT: 'DEVELOPMENT',
} as const;
registerEnumType(EnvironmentEnum, {
  name: 'Environment',
  description: 'Where a key can be used. Chosen at creation, never changed.',
});
