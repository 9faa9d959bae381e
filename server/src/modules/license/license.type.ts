import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DateTimeScalar } from '../scalars/date-time.js';
import type { LicenseSource } from './license.js';

/** Sources of a limit as a GraphQL enum. */
export const LicenseSourceEnum = { NONE: 'NONE', SETTING: 'SETTING', FILE: 'FILE' } as const;
registerEnumType(LicenseSourceEnum, {
  name: 'LicenseSource',
  description: 'NONE: there is no limit. SETTING: KEYWRIGHT_MAX_KEYS. FILE: the signed licence.',
});

/** What the licence allows, and how much of it is used. */
@ObjectType('License', { description: 'How many keys there may be, and how many there are.' })
export class LicenseType {
  @Field(() => Int, { nullable: true, description: 'Null: no limit.' })
  maximumKeys!: number | null;

  @Field(() => Int, { description: 'Keys that are not revoked.' })
  usedKeys!: number;

  @Field(() => String, { nullable: true, description: 'Whom the licence was given to.' })
  holder!: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'The licence ends; after that no keys can be created.',
  })
  validUntil!: Date | null;

  @Field(() => LicenseSourceEnum, { description: 'Where the limit comes from.' })
  source!: LicenseSource;
}
