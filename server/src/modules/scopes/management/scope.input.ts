import { Field, ID, InputType, Int } from 'type-graphql';
import { DateScalar } from '../../scalars/date.js';
import type { ScopeKind } from '../tree/scope.js';
import { ScopeKindEnum } from '../tree/scope.type.js';

/** Input for creating a scope. */
@InputType('CreateScopeInput', { description: 'A new customer, organization or account.' })
export class CreateScopeInput {
  @Field(() => ScopeKindEnum, { description: 'CUSTOMER, ORGANIZATION or ACCOUNT.' })
  kind!: ScopeKind;

  @Field(() => ID, {
    nullable: true,
    description:
      'Defaults to the root. The parent of a customer is the root, that of an organization a customer, that of an account an organization.',
  })
  parentId?: string | null;

  @Field(() => String, { description: 'One line of 1 to 100 characters.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Customers only, and required for them.' })
  email?: string | null;

  @Field(() => DateScalar, { nullable: true, description: 'Customers only; defaults to today.' })
  joinedOn?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether the API of the customer or organization is switched on.',
  })
  apiEnabled!: boolean;
}

/** Input for updating a scope. */
@InputType('UpdateScopeInput', {
  description: 'Absent fields stay unchanged. parentId moves the scope with everything below it.',
})
export class UpdateScopeInput {
  @Field(() => ID, { description: 'ID of the scope.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'One line of 1 to 100 characters.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'Customers only.' })
  email?: string | null;

  @Field(() => DateScalar, { nullable: true, description: 'Customers only.' })
  joinedOn?: string | null;

  @Field(() => ID, { nullable: true, description: 'A new parent of the right kind.' })
  parentId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Customers only: maximum number of keys, not counting revoked ones; null: the setting for all customers applies. Needs keywright.access.manage at the root.',
  })
  maximumKeys?: number | null;
}
