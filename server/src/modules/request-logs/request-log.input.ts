import type { VerdictCode } from '@keywright/schema/verdicts';
import { Field, ID, InputType, Int } from 'type-graphql';
import { EnvironmentEnum } from '../keys/key.enums.js';
import type { Environment } from '../keys/token.js';
import { DateTimeRange } from '../scalars/date-time-range.input.js';
import { VerdictCodeEnum } from './verdict-code.type.js';

@InputType('RequestLogFilter', {
  description: 'Which request logs: all given members must match. An empty list matches nothing.',
})
export class RequestLogFilterInput {
  @Field(() => ID, { nullable: true, description: 'Of this key.' })
  apiKeyId?: string | null;

  @Field(() => EnvironmentEnum, { nullable: true, description: 'In this environment.' })
  environment?: Environment | null;

  @Field(() => [VerdictCodeEnum], { nullable: true, description: 'With one of these verdicts.' })
  code?: VerdictCode[] | null;

  @Field(() => [Int], { nullable: true, description: 'With one of these HTTP statuses.' })
  status?: number[] | null;

  @Field(() => String, { nullable: true, description: 'With this method.' })
  method?: string | null;

  @Field(() => String, { nullable: true, description: 'Whose path begins with this text.' })
  pathPrefix?: string | null;

  @Field(() => String, { nullable: true, description: 'From this address.' })
  ip?: string | null;

  @Field(() => DateTimeRange, { nullable: true, description: 'In this span of time.' })
  at?: DateTimeRange | null;
}
