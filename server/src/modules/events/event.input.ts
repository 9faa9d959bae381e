import type { Environment } from '@keywright/schema/environment';
import { Field, ID, InputType } from 'type-graphql';
import { DateTimeRange } from '../graphql-types/date-time-range.input.js';
import { EnvironmentEnum } from '../graphql-types/environment.type.js';

/** Which events to list. */
@InputType('EventFilter', { description: 'Which events to list; all fields must match.' })
export class EventFilterInput {
  @Field(() => [String], {
    nullable: true,
    description: 'Events of these types; `api_key.*` stands for all types of keys. At most 100.',
  })
  types?: string[] | null;

  @Field(() => ID, { nullable: true, description: 'Events about this object.' })
  subjectId?: string | null;

  @Field(() => EnvironmentEnum, { nullable: true, description: 'Events of keys of this environment.' })
  environment?: Environment | null;

  @Field(() => ID, { nullable: true, description: 'Events at this scope and below.' })
  scopeId?: string | null;

  @Field(() => DateTimeRange, { nullable: true, description: 'Events in this time range.' })
  at?: DateTimeRange | null;
}
