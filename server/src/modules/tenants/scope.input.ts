import { Field, ID, InputType, Int } from 'type-graphql';
import { DateScalar } from '../scalars/date.js';
import type { ScopeKind } from '../scopes/scope.js';
import { ScopeKindEnum } from '../scopes/scope.type.js';

/** What a new scope is made of. */
@InputType('CreateScopeInput', { description: 'What a new customer, organization or account is made of.' })
export class CreateScopeInput {
  @Field(() => ScopeKindEnum, { description: 'CUSTOMER, ORGANIZATION or ACCOUNT.' })
  kind!: ScopeKind;

  @Field(() => ID, {
    nullable: true,
    description:
      'Absent: the root. A customer lies below the root, an organization below a customer, an account below an organization.',
  })
  parentId?: string | null;

  @Field(() => String, { description: 'One line of 1 to 100 characters.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Customers only, and required for them.' })
  email?: string | null;

  @Field(() => DateScalar, { nullable: true, description: 'Customers only; absent: today.' })
  joinedOn?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether the API of the customer or organization is switched on.',
  })
  apiEnabled!: boolean;
}

/** What changes of a scope. */
@InputType('UpdateScopeInput', {
  description: 'Absent members are left alone. parentId moves the scope with everything below it.',
})
export class UpdateScopeInput {
  @Field(() => ID, { description: 'Id of the scope.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'One line of 1 to 100 characters.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'Customers only.' })
  email?: string | null;

  @Field(() => DateScalar, { nullable: true, description: 'Customers only.' })
  joinedOn?: string | null;

  @Field(() => ID, { nullable: true, description: 'Another parent of the right kind.' })
  parentId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Customers only: most keys, not counting revoked ones; null: the setting for all customers holds. Needs keywright.access.manage at the root.',
  })
  maximumKeys?: number | null;
}
