import { Field, ObjectType } from 'type-graphql';
import { PageInfoType } from '../../graphql-types/node.type.js';
import { ScopeType } from '../tree/scope.type.js';

/** A scope with its cursor. */
@ObjectType('ScopeEdge', { description: 'A scope with its cursor.' })
export class ScopeEdge {
  @Field(() => String, { description: 'Cursor of this scope.' })
  cursor!: string;

  @Field(() => ScopeType, { description: 'The scope.' })
  node!: ScopeType;
}

/** A page of scopes. */
@ObjectType('ScopeConnection', { description: 'A page of scopes, by name.' })
export class ScopeConnection {
  @Field(() => [ScopeEdge], { description: 'Scopes with their cursors.' })
  edges!: ScopeEdge[];

  @Field(() => [ScopeType], { description: 'The scopes alone.' })
  nodes!: ScopeType[];

  @Field(() => PageInfoType, { description: 'Position of the page in the list.' })
  pageInfo!: PageInfoType;
}
