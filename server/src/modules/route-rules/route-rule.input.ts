import { Field, ID, InputType, Int } from 'type-graphql';
import { EnvironmentEnum } from '../keys/key.enums.js';
import type { Environment } from '../keys/token.js';
import type { RouteAccess, RouteMethod } from './route-rule.js';
import { RouteAccessEnum, RouteMethodEnum } from './route-rule.type.js';

@InputType('CreateRouteRuleInput', { description: 'What a new route rule says.' })
export class CreateRouteRuleInput {
  @Field(() => [EnvironmentEnum], { description: 'Where it holds; an empty list is refused.' })
  environments!: Environment[];

  @Field(() => RouteMethodEnum, { description: 'Method of the requests, or ANY.' })
  method!: RouteMethod;

  @Field(() => String, {
    description: 'Such as /customers/{customerId}/orders or /admin/**; up to 500 characters and 32 segments.',
  })
  pathPattern!: string;

  @Field(() => RouteAccessEnum, { description: 'Whom it lets pass.' })
  access!: RouteAccess;

  @Field(() => String, {
    nullable: true,
    description: 'A permission of the catalogue, no wildcard; given if, and only if, access is PERMISSION.',
  })
  permission?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The parameter of the path that holds the id of a scope; absent: no scope is asked about.',
  })
  scopeParameter?: string | null;

  @Field(() => String, { nullable: true, description: 'What it is for; up to 500 characters.' })
  description?: string | null;

  @Field(() => Int, { nullable: true, description: 'Place in the list, counted from 1; absent: the end.' })
  position?: number | null;
}

@InputType('UpdateRouteRuleInput', { description: 'Absent members are left alone.' })
export class UpdateRouteRuleInput {
  @Field(() => ID, { description: 'Id of the rule.' })
  id!: string;

  @Field(() => [EnvironmentEnum], {
    nullable: true,
    description: 'All its environments from now on; never empty.',
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
    description: 'Whom it lets pass; without PERMISSION its permission is forgotten.',
  })
  access?: RouteAccess | null;

  @Field(() => String, { nullable: true, description: 'A permission of the catalogue.' })
  permission?: string | null;

  @Field(() => String, { nullable: true, description: 'null: no scope is asked about.' })
  scopeParameter?: string | null;

  @Field(() => String, { nullable: true, description: 'null clears it.' })
  description?: string | null;
}
