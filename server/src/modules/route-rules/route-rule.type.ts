import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { EnvironmentEnum } from '../keys/key.enums.js';
import type { Environment } from '../keys/token.js';
import { NodeType } from '../scalars/node.type.js';
import { ROUTE_METHODS, type NoMatch, type RouteAccess, type RouteMethod } from './route-rule.js';

export const RouteMethodEnum = Object.fromEntries(ROUTE_METHODS.map((name) => [name, name])) as Record<
  RouteMethod,
  RouteMethod
>;
registerEnumType(RouteMethodEnum, {
  name: 'RouteMethod',
  description:
    'An HTTP method; ANY stands for all of them. A rule for GET holds for HEAD as well. TRACE requests are always refused, whatever a rule says.',
});

export const RouteAccessEnum = {
  PERMISSION: 'PERMISSION',
  ANY_KEY: 'ANY_KEY',
  NOBODY: 'NOBODY',
  ANYBODY: 'ANYBODY',
} as const satisfies Record<RouteAccess, RouteAccess>;
registerEnumType(RouteAccessEnum, {
  name: 'RouteAccess',
  description:
    'Whom a rule lets pass: keys that hold its permission, any valid key, nobody, or anybody. For ANYBODY no key is read, counted or logged: for health checks and CORS preflights.',
});

export const RouteDefaultEnum = { DENY: 'DENY', ANY_KEY: 'ANY_KEY' } as const satisfies Record<
  NoMatch,
  NoMatch
>;
registerEnumType(RouteDefaultEnum, {
  name: 'RouteDefault',
  description: 'What a request gets that no rule matches: nothing, or what any valid key may have.',
});

@ObjectType('RouteRule', {
  implements: NodeType,
  description: 'What requests to some paths need. The first rule of the list that matches decides.',
})
export class RouteRuleType extends NodeType {
  @Field(() => Int, { description: 'Place in the list, counted from 1.' })
  position!: number;

  @Field(() => [EnvironmentEnum], { description: 'Where the rule holds; never empty.' })
  environments!: Environment[];

  @Field(() => RouteMethodEnum, { description: 'Method of the requests.' })
  method!: RouteMethod;

  @Field(() => String, {
    description:
      'Such as /customers/{customerId}/orders: a parameter is one whole segment, and ** at the end any rest, or none. The case of ASCII letters makes no difference.',
  })
  pathPattern!: string;

  @Field(() => RouteAccessEnum, { description: 'Whom it lets pass.' })
  access!: RouteAccess;

  @Field(() => String, {
    nullable: true,
    description: 'The permission that it asks for; null unless access is PERMISSION.',
  })
  permission!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The path parameter that holds the id of the scope that is asked about; null: none is.',
  })
  scopeParameter!: string | null;

  @Field(() => String, { description: 'What it is for; may be empty.' })
  description!: string;

  @Field(() => Int, {
    description:
      'Grows when the rule changes, and when any rule gets another position, as the first that matches decides. Pass it as expectedVersion.',
  })
  version!: number;
}

@ObjectType('RouteTest', { description: 'What the rules say about a request.' })
export class RouteTestType {
  @Field(() => String, {
    nullable: true,
    description: 'Why the method or the target is refused before any rule is asked; null: neither is.',
  })
  refused!: string | null;

  @Field(() => RouteAccessEnum, { description: 'Who passes; NOBODY also where the request is refused.' })
  access!: RouteAccess;

  @Field(() => String, { nullable: true, description: 'The permission that is asked for.' })
  permission!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The scope that is asked about, as the path names it.',
  })
  scopeId!: string | null;

  @Field(() => RouteRuleType, { nullable: true, description: 'The rule that decides; null: none matches.' })
  rule!: RouteRuleType | null;
}
