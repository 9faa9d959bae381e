import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { NodeType } from '../scalars/node.type.js';
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
@ObjectType('Scope', { implements: NodeType, description: 'A node of the scope tree.' })
export class ScopeType extends NodeType {
  @Field(() => ScopeKindEnum, { description: 'Level in the tree.' })
  kind!: ScopeKind;

  @Field(() => String, { description: 'Name for people.' })
  name!: string;
}
