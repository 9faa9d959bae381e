import { Field, InputType } from 'type-graphql';
import { DateTimeScalar } from '../scalars/date-time.js';

/** A time range. */
@InputType('DateTimeRange', {
  description: 'A time range: from (inclusive) to (exclusive); both are optional.',
})
export class DateTimeRange {
  @Field(() => DateTimeScalar, { nullable: true, description: 'Inclusive start.' })
  from?: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Exclusive end.' })
  to?: Date | null;
}
