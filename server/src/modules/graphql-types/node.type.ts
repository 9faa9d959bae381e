import { Field, ID, InterfaceType, ObjectType } from 'type-graphql';

const TYPES: Readonly<Record<string, string>> = {
  key: 'ApiKey',
  usr: 'User',
  rol: 'Role',
  scp: 'Scope',
  req: 'RequestLog',
  aud: 'AuditEvent',
  evt: 'Event',
  rul: 'RouteRule',
};

/** An object with a public id; the prefix of the id identifies its type. */
@InterfaceType('Node', {
  description: 'An object with a public ID.',
  resolveType: (value: { id: string }) => TYPES[value.id.slice(0, 3)],
})
export abstract class NodeType {
  @Field(() => ID, { description: 'Public ID: a prefix for the type, and 26 characters (TypeID).' })
  id!: string;
}

/** Position of a page in its list. */
@ObjectType('PageInfo', { description: 'Position of a page in its list (Relay cursor connections).' })
export class PageInfoType {
  @Field(() => Boolean, { description: 'Whether rows follow this page.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether rows precede this page.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first row; null on an empty page.' })
  startCursor?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor to continue from: that of the last row; null if nothing follows an empty page.',
  })
  endCursor?: string | null;
}
