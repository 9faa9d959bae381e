import { Field, InputType } from 'type-graphql';
import { DateTimeScalar } from './date-time.js';

/** A span of time. */
@InputType('DateTimeRange', {
  description: 'A span of time: from (inclusive) to (exclusive); either may be absent.',
})
export class DateTimeRange {
  @Field(() => DateTimeScalar, { nullable: true, description: 'Inclusive start.' })
  from?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Exclusive end.' })
  to?: Date | null;
}
