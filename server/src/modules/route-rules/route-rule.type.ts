import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { EnvironmentEnum } from '../graphql-types/environment.type.js';
import type { Environment } from '@keywright/schema/environment';
import { NodeType } from '../graphql-types/node.type.js';
import { ROUTE_METHODS, type NoMatch, type RouteAccess, type RouteMethod } from './route-rule.js';

export const RouteMethodEnum = Object.fromEntries(ROUTE_METHODS.map((name) => [name, name])) as Record<
  RouteMethod,
  RouteMethod
>;
registerEnumType(RouteMethodEnum, {
  name: 'RouteMethod',
  description:
    'An HTTP method; ANY matches all of them. A rule for GET also applies to HEAD. TRACE requests are always rejected, whatever a rule says.',
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
    'Whom a rule accepts: keys that hold its permission, any valid key, nobody, or anybody. With ANYBODY no key is read, counted or logged: for health checks and CORS preflights.',
});

export const RouteDefaultEnum = { DENY: 'DENY', ANY_KEY: 'ANY_KEY' } as const satisfies Record<
  NoMatch,
  NoMatch
>;
registerEnumType(RouteDefaultEnum, {
  name: 'RouteDefault',
  description: 'The outcome for a request that matches no rule: rejected, or accepted with any valid key.',
});

@ObjectType('RouteRule', {
  implements: NodeType,
  description: 'The requirements of requests to some paths. The first matching rule in the list decides.',
})
export class RouteRuleType extends NodeType {
  @Field(() => Int, { description: 'Position in the list, counted from 1.' })
  position!: number;

  @Field(() => [EnvironmentEnum], { description: 'Where the rule applies; never empty.' })
  environments!: Environment[];

  @Field(() => RouteMethodEnum, { description: 'Method of the requests.' })
  method!: RouteMethod;

  @Field(() => String, {
    description:
      'Such as /customers/{customerId}/orders: a parameter is one whole segment, and a final ** matches any rest, including none. ASCII letters match case-insensitively.',
  })
  pathPattern!: string;

  @Field(() => RouteAccessEnum, { description: 'Whom it accepts.' })
  access!: RouteAccess;

  @Field(() => String, {
    nullable: true,
    description: 'The permission that it requires; null unless access is PERMISSION.',
  })
  permission!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The path parameter with the id of the required scope; null if no scope is required.',
  })
  scopeParameter!: string | null;

  @Field(() => String, { description: 'Description; may be empty.' })
  description!: string;

  @Field(() => Int, {
    description:
      'Increases when the rule changes, and when any rule changes position, since the first match decides. Pass it as expectedVersion.',
  })
  version!: number;
}

@ObjectType('RouteTest', { description: 'The result of the rules for a request.' })
export class RouteTestType {
  @Field(() => String, {
    nullable: true,
    description: 'Why the method or the target is rejected before any rule is checked; null if neither is.',
  })
  refused!: string | null;

  @Field(() => RouteAccessEnum, { description: 'Who is accepted; NOBODY also if the request is rejected.' })
  access!: RouteAccess;

  @Field(() => String, { nullable: true, description: 'The required permission.' })
  permission!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The required scope, as named in the path.',
  })
  scopeId!: string | null;

  @Field(() => RouteRuleType, { nullable: true, description: 'The rule that decides; null if none matches.' })
  rule!: RouteRuleType | null;
}
