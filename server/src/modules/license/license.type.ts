import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DateTimeScalar } from '../scalars/date-time.js';
import type { LicenseSource } from './license.js';

/** Sources of a limit as a GraphQL enum. */
export const LicenseSourceEnum = { NONE: 'NONE', SETTING: 'SETTING', FILE: 'FILE' } as const;
registerEnumType(LicenseSourceEnum, {
  name: 'LicenseSource',
  description: 'NONE: no limit. SETTING: KEYWRIGHT_MAX_KEYS. FILE: the signed license.',
});

/** The license terms and their current usage. */
@ObjectType('License', { description: 'The limit on keys and the current number of keys.' })
export class LicenseType {
  @Field(() => Int, {
    nullable: true,
    description: 'Maximum number of keys that are not revoked; null: no limit.',
  })
  maximumKeys!: number | null;

  @Field(() => Int, { description: 'Keys that are not revoked.' })
  usedKeys!: number;

  @Field(() => String, { nullable: true, description: 'The licensee.' })
  holder!: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When the license expires; no keys can be created after that.',
  })
  validUntil!: Date | null;

  @Field(() => LicenseSourceEnum, { description: 'Where the limit comes from.' })
  source!: LicenseSource;
}
