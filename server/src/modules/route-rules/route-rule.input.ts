import { Field, ID, InputType, Int } from 'type-graphql';
import { EnvironmentEnum } from '../graphql-types/environment.type.js';
import type { Environment } from '@keywright/schema/environment';
import type { RouteAccess, RouteMethod } from './route-rule.js';
import { RouteAccessEnum, RouteMethodEnum } from './route-rule.type.js';

@InputType('CreateRouteRuleInput', { description: 'A new route rule.' })
export class CreateRouteRuleInput {
  @Field(() => [EnvironmentEnum], { description: 'Where it applies; an empty list is rejected.' })
  environments!: Environment[];

  @Field(() => RouteMethodEnum, { description: 'Method of the requests, or ANY.' })
  method!: RouteMethod;

  @Field(() => String, {
    description: 'Such as /customers/{customerId}/orders or /admin/**; up to 500 characters and 32 segments.',
  })
  pathPattern!: string;

  @Field(() => RouteAccessEnum, { description: 'Whom it accepts.' })
  access!: RouteAccess;

  @Field(() => String, {
    nullable: true,
    description:
      'A permission from the catalog, without wildcards; required if access is PERMISSION, and only allowed then.',
  })
  permission?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The path parameter with the id of a scope; if absent, no scope is required.',
  })
  scopeParameter?: string | null;

  @Field(() => String, { nullable: true, description: 'Description; up to 500 characters.' })
  description?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Position in the list, counted from 1; the end if absent.',
  })
  position?: number | null;
}

@InputType('UpdateRouteRuleInput', { description: 'Absent fields stay unchanged.' })
export class UpdateRouteRuleInput {
  @Field(() => ID, { description: 'Id of the rule.' })
  id!: string;

  @Field(() => [EnvironmentEnum], {
    nullable: true,
    description: 'The new list of its environments; never empty.',
  })
  environments?: Environment[] | null;

  @Field(() => RouteMethodEnum, { nullable: true, description: 'Method of the requests, or ANY.' })
  method?: RouteMethod | null;

  @Field(() => String, {
    nullable: true,
    description: 'Such as /customers/{customerId}/orders or /admin/**.',
  })
  pathPattern?: string | null;

  @Field(() => RouteAccessEnum, {
    nullable: true,
    description: 'Whom it accepts; any value but PERMISSION clears its permission.',
  })
  access?: RouteAccess | null;

  @Field(() => String, { nullable: true, description: 'A permission from the catalog.' })
  permission?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The path parameter with the id of a scope; null for no required scope.',
  })
  scopeParameter?: string | null;

  @Field(() => String, { nullable: true, description: 'Description; null clears it.' })
  description?: string | null;
}
