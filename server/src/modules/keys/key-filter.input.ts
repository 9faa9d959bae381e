import { Field, ID, InputType, Int } from 'type-graphql';
import { DateTimeRange } from '../graphql-types/date-time-range.input.js';
import { EnvironmentEnum } from '../graphql-types/environment.type.js';
import { KeyKindEnum, KeySortFieldEnum, KeyStatusEnum, SortDirectionEnum } from './key.enums.js';
import type { KeyStatus } from '@keywright/schema/lifecycle';
import type { KeyKind } from './key.js';
import type { KeySort, KeySortField } from './key-filter.js';
import type { Environment } from '@keywright/schema/environment';

@InputType('ApiKeyFilter', { description: 'Which keys to list; all fields must match.' })
export class ApiKeyFilterInput {
  @Field(() => String, {
    nullable: true,
    description:
      'Name, description, Key ID, end of the token, or a whole token (matched by digest, never logged).',
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
    description: 'Keys whose grants reach this scope or below, including through a grant above it.',
  })
  scopeId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Keys in this scope or below.' })
  withinScopeId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Keys that hold this permission, including by wildcard.',
  })
  permission?: string | null;

  @Field(() => ID, { nullable: true, description: 'Keys that this user or key created.' })
  createdById?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'Keys that enableKeysOfUser would enable for this user: disabled together with the user when last disabled, and not enabled or disabled since.',
  })
  disabledWithUserId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Not used for this many days (if never used, since creation).',
  })
  unusedForDays?: number | null;

  @Field(() => DateTimeRange, { nullable: true, description: 'Created in this time range.' })
  created?: DateTimeRange | null;

  @Field(() => DateTimeRange, { nullable: true, description: 'Expiring in this time range.' })
  expires?: DateTimeRange | null;

  @Field(() => DateTimeRange, { nullable: true, description: 'Last used in this time range.' })
  lastUsed?: DateTimeRange | null;
}

@InputType('ApiKeySort', { description: 'Sort order for a list of keys; ties are broken by id.' })
export class ApiKeySortInput implements KeySort {
  @Field(() => KeySortFieldEnum, { description: 'What to sort by.' })
  field!: KeySortField;

  @Field(() => SortDirectionEnum, { defaultValue: 'ASC', description: 'Ascending or descending.' })
  direction!: 'ASC' | 'DESC';
}
