import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { perRequest } from '../../core/per-request.js';
import { spreadOut } from '../../core/slices.js';
import { authorizeAt, type RequestContext } from '../access/decide/principal.js';
import { EnvironmentEnum } from '../graphql-types/environment.type.js';
import type { Environment } from '@keywright/schema/environment';
import { EXPECTED_REVISION, EXPECTED_VERSION } from '../graphql-types/expected-version.js';
import { revisionOf } from './list-revision.js';
import { CreateRouteRuleInput, UpdateRouteRuleInput } from './route-rule.input.js';
import { RouteDefaultEnum, RouteRuleType, RouteTestType } from './route-rule.type.js';
import type { RouteRuleService } from './route-rule-service.js';
import type { RouteRuleStore } from './route-rule-store.postgres.js';
import type { RouteRuleSet } from './route-rule-set.js';
import type { NoMatch, PlacedRouteRule, RouteRule } from './route-rule.js';
import { shadowsIn } from './shadows.js';
import { testRoute, type RouteTest } from './test-route.js';

const NEEDS = 'Needs keywright.access.manage at the root.';

/** Reads and changes route rules. */
@Resolver(() => RouteRuleType)
export class RouteRuleResolver {
  constructor(
    private readonly store: RouteRuleStore,
    private readonly service: RouteRuleService,
    private readonly routes: RouteRuleSet,
  ) {}

  @Query(() => [RouteRuleType], { description: `All route rules in order; at most 5,000. ${NEEDS}` })
  async routeRules(@Ctx() context: RequestContext): Promise<(PlacedRouteRule | Promise<PlacedRouteRule>)[]> {
    authorizeAt(context, 'keywright.access.manage');
    return spreadOut(await this.rulesFor(context));
  }

  @Query(() => String, {
    description: `Revision of the list of rules, consistent with routeRules in the same request. Pass it as expectedRevision. ${NEEDS}`,
  })
  async routeRuleRevision(@Ctx() context: RequestContext): Promise<string> {
    authorizeAt(context, 'keywright.access.manage');
    return revisionOf(await this.rulesFor(context));
  }

  @Query(() => RouteDefaultEnum, { description: `The outcome for a request that matches no rule. ${NEEDS}` })
  routeRuleDefault(@Ctx() context: RequestContext): Promise<NoMatch> {
    authorizeAt(context, 'keywright.access.manage');
    return this.store.noMatch();
  }

  @Query(() => RouteTestType, {
    description: `Finds the rule that decides a request, regardless of its key. Nothing is counted. ${NEEDS}`,
  })
  testRoute(
    @Ctx() context: RequestContext,
    @Arg('method', () => String, { description: 'Such as GET.' }) method: string,
    @Arg('path', () => String, { description: 'As in the request, including percent-encoding and query.' })
    path: string,
    @Arg('environment', () => EnvironmentEnum) environment: Environment,
  ): RouteTest {
    authorizeAt(context, 'keywright.access.manage');
    return testRoute(this.routes.table, { method, path, environment });
  }

  @FieldResolver(() => RouteRuleType, {
    nullable: true,
    description:
      'An earlier rule that matches all its requests, so that this one never decides; null if there is none.',
  })
  async shadowedBy(@Root() rule: PlacedRouteRule, @Ctx() context: RequestContext): Promise<RouteRule | null> {
    const shadows = await perRequest(context, RouteRuleResolver, async () =>
      shadowsIn(await this.rulesFor(context)),
    );
    return shadows.get(rule.id) ?? null;
  }

  @Mutation(() => RouteRuleType, {
    description: `Adds a rule, at the end unless a position is given. The permission must be in the catalog; the caller need not hold it. ${NEEDS} Errors: BAD_USER_INPUT, CONFLICT if there are too many or the revision is stale.`,
  })
  createRouteRule(
    @Ctx() context: RequestContext,
    @Arg('input', () => CreateRouteRuleInput) input: CreateRouteRuleInput,
    @Arg('expectedRevision', () => String, EXPECTED_REVISION) expectedRevision: string | null,
  ): Promise<PlacedRouteRule> {
    return this.service.create(authorizeAt(context, 'keywright.access.manage'), input, expectedRevision);
  }

  @Mutation(() => RouteRuleType, {
    description: `Changes a rule in place. ${NEEDS} Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.`,
  })
  updateRouteRule(
    @Ctx() context: RequestContext,
    @Arg('input', () => UpdateRouteRuleInput) input: UpdateRouteRuleInput,
    @Arg('expectedVersion', () => Int, EXPECTED_VERSION) expectedVersion: number | null,
  ): Promise<PlacedRouteRule> {
    return this.service.update(authorizeAt(context, 'keywright.access.manage'), input, expectedVersion);
  }

  @Mutation(() => Boolean, {
    description: `Deletes a rule. ${NEEDS} Errors: NOT_FOUND, CONFLICT.`,
  })
  deleteRouteRule(
    @Ctx() context: RequestContext,
    @Arg('id', () => ID) id: string,
    @Arg('expectedVersion', () => Int, EXPECTED_VERSION) expectedVersion: number | null,
  ): Promise<boolean> {
    return this.service.delete(authorizeAt(context, 'keywright.access.manage'), id, expectedVersion);
  }

  @Mutation(() => RouteRuleType, {
    description: `Moves a rule to another position in the list. ${NEEDS} Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.`,
  })
  moveRouteRule(
    @Ctx() context: RequestContext,
    @Arg('id', () => ID) id: string,
    @Arg('position', () => Int, { description: 'Counted from 1.' }) position: number,
    @Arg('expectedVersion', () => Int, EXPECTED_VERSION) expectedVersion: number | null,
  ): Promise<PlacedRouteRule> {
    return this.service.move(authorizeAt(context, 'keywright.access.manage'), id, position, expectedVersion);
  }

  @Mutation(() => RouteDefaultEnum, {
    description: `Sets the outcome for requests that match no rule. ${NEEDS}`,
  })
  setRouteRuleDefault(
    @Ctx() context: RequestContext,
    @Arg('default', () => RouteDefaultEnum) value: NoMatch,
  ): Promise<NoMatch> {
    return this.service.setNoMatch(authorizeAt(context, 'keywright.access.manage'), value);
  }

  /** The list as one request sees it. */
  private rulesFor(context: RequestContext): Promise<PlacedRouteRule[]> {
    return perRequest(context, this.store, () => this.store.list());
  }
}
