import { Field, ID, InputType, Int } from 'type-graphql';
import { DateTimeRange } from '../scalars/date-time-range.input.js';
import {
  EnvironmentEnum,
  KeyKindEnum,
  KeySortFieldEnum,
  KeyStatusEnum,
  SortDirectionEnum,
} from './key.enums.js';
import type { KeyKind, KeyStatus } from './key.js';
import type { KeySort, KeySortField } from './key-filter.js';
import type { Environment } from './token.js';

@InputType('ApiKeyFilter', { description: 'Which keys to list; all members must match.' })
export class ApiKeyFilterInput {
  @Field(() => String, {
    nullable: true,
    description:
      'Name, description, Key ID, tail of the token, or a whole token (matched by digest, never logged).',
  })
  search?: string | null;

  @Field(() => [KeyStatusEnum], { nullable: true, description: 'Absent: everything but REVOKED.' })
  status?: KeyStatus[] | null;

  @Field(() => [EnvironmentEnum], { nullable: true, description: 'Keys of these environments.' })
  environment?: Environment[] | null;

  @Field(() => KeyKindEnum, { nullable: true, description: 'Keys of this kind.' })
  kind?: KeyKind | null;

  @Field(() => ID, { nullable: true, description: 'Keys of this service account.' })
  serviceAccountId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Keys whose grants reach into this part of the tree, also from above.',
  })
  scopeId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Keys that lie in this part of the tree.' })
  withinScopeId?: string | null;

  @Field(() => String, { nullable: true, description: 'Keys that hold this permission, by wildcard too.' })
  permission?: string | null;

  @Field(() => ID, { nullable: true, description: 'Keys that this user or key created.' })
  createdById?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'Keys that enableKeysOfUser would enable for this user: disabled with them when they were last disabled, and not switched since.',
  })
  disabledWithUserId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Not used for this many days (never used: since created).',
  })
  unusedForDays?: number | null;

  @Field(() => DateTimeRange, { nullable: true, description: 'Created in this time.' })
  created?: DateTimeRange | null;

  @Field(() => DateTimeRange, { nullable: true, description: 'Expiring in this time.' })
  expires?: DateTimeRange | null;

  @Field(() => DateTimeRange, { nullable: true, description: 'Last used in this time.' })
  lastUsed?: DateTimeRange | null;
}

@InputType('ApiKeySort', { description: 'Order of a list of keys; ties are broken by id.' })
export class ApiKeySortInput implements KeySort {
  @Field(() => KeySortFieldEnum, { description: 'What to sort by.' })
  field!: KeySortField;

  @Field(() => SortDirectionEnum, { defaultValue: 'ASC', description: 'Ascending or descending.' })
  direction!: 'ASC' | 'DESC';
}
