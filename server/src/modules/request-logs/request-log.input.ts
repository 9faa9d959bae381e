import type { VerdictCode } from '@keywright/schema/verdicts';
import { Field, ID, InputType, Int } from 'type-graphql';
import { EnvironmentEnum } from '../graphql-types/environment.type.js';
import type { Environment } from '@keywright/schema/environment';
import { DateTimeRange } from '../graphql-types/date-time-range.input.js';
import { VerdictCodeEnum } from './verdict-code.type.js';

@InputType('RequestLogFilter', {
  description: 'Which request logs to return: all given fields must match. An empty list matches nothing.',
})
export class RequestLogFilterInput {
  @Field(() => ID, { nullable: true, description: 'Requests with this key.' })
  apiKeyId?: string | null;

  @Field(() => EnvironmentEnum, { nullable: true, description: 'Requests in this environment.' })
  environment?: Environment | null;

  @Field(() => [VerdictCodeEnum], { nullable: true, description: 'Requests with one of these verdicts.' })
  code?: VerdictCode[] | null;

  @Field(() => [Int], { nullable: true, description: 'Requests with one of these HTTP statuses.' })
  status?: number[] | null;

  @Field(() => String, { nullable: true, description: 'Requests with this method.' })
  method?: string | null;

  @Field(() => String, { nullable: true, description: 'Requests whose path starts with this text.' })
  pathPrefix?: string | null;

  @Field(() => String, { nullable: true, description: 'Requests from this address.' })
  ip?: string | null;

  @Field(() => DateTimeRange, { nullable: true, description: 'Requests in this time range.' })
  at?: DateTimeRange | null;
}
