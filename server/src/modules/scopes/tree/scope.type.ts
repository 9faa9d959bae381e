import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DateScalar } from '../../scalars/date.js';
import { DateTimeScalar } from '../../scalars/date-time.js';
import { NodeType } from '../../graphql-types/node.type.js';
import type { ScopeKind } from './scope.js';

/** Kinds of scopes as a GraphQL enum. */
export const ScopeKindEnum = {
  ROOT: 'ROOT',
  CUSTOMER: 'CUSTOMER',
  ORGANIZATION: 'ORGANIZATION',
  ACCOUNT: 'ACCOUNT',
} as const;
registerEnumType(ScopeKindEnum, {
  name: 'ScopeKind',
  description: 'Levels of the scope tree: customer > organization > account, below one root.',
});

/** A node of the scope tree. */
@ObjectType('Scope', {
  implements: NodeType,
  description: 'A node of the scope tree. Visible to anyone with a permission there or above.',
})
export class ScopeType extends NodeType {
  @Field(() => ScopeKindEnum, { description: 'Level in the tree.' })
  kind!: ScopeKind;

  @Field(() => String, {
    description: 'Display name. Names of organizations and accounts are unique within their parent.',
  })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description: 'E-mail address of a customer; null for other kinds.',
  })
  email!: string | null;

  @Field(() => DateScalar, {
    nullable: true,
    description: 'Date when a customer joined; null for other kinds.',
  })
  joinedOn!: string | null;

  @Field(() => Boolean, {
    description: 'The API switch of this customer or organization itself; true for other kinds.',
  })
  apiEnabled!: boolean;

  @Field(() => Int, {
    nullable: true,
    description:
      'Maximum number of keys of this customer, not counting revoked ones; null: KEYWRIGHT_MAX_KEYS_PER_CUSTOMER applies.',
  })
  maximumKeys!: number | null;

  @Field(() => DateTimeScalar, { description: 'When it was created.' })
  createdAt!: Date;

  @Field(() => Int, {
    description:
      'Incremented when the scope itself changes or moves, or its API is switched, but not by changes below it. Pass it as expectedVersion.',
  })
  version!: number;
}
