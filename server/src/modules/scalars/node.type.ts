import { Field, ID, InterfaceType, ObjectType } from 'type-graphql';

const TYPES: Readonly<Record<string, string>> = {
  key: 'ApiKey',
  usr: 'User',
  rol: 'Role',
  scp: 'Scope',
  req: 'RequestLog',
  aud: 'AuditEvent',
  rul: 'RouteRule',
};

/** Anything with a public id; the prefix of the id tells what it is. */
@InterfaceType('Node', {
  description: 'Anything with a public id.',
  resolveType: (value: { id: string }) => TYPES[value.id.slice(0, 3)],
})
export abstract class NodeType {
  @Field(() => ID, { description: 'Public id: a prefix that names the kind, and 26 characters (TypeID).' })
  id!: string;
}

/** Where a page lies in its list. */
@ObjectType('PageInfo', { description: 'Where a page lies in its list (Relay cursor connections).' })
export class PageInfoType {
  @Field(() => Boolean, { description: 'Whether rows follow this page.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether rows precede this page.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first row; null on an empty page.' })
  startCursor?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Cursor that the next page goes on from: that of the last row; null when nothing follows an empty page.',
  })
  endCursor?: string | null;
}
