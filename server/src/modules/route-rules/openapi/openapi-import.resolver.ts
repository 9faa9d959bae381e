import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { spreadOut } from '../../../core/slices.js';
import { EXPECTED_REVISION } from '../../graphql-types/expected-version.js';
import { authorizeAt, type RequestContext } from '../../access/decide/principal.js';
import { RouteRuleType } from '../route-rule.type.js';
import type { RouteRule } from '../route-rule.js';
import { OpenApiImportInput } from './openapi-import.input.js';
import type { OpenApiImport, OpenApiImportService } from './openapi-import-service.js';
import { OpenApiImportType, OpenApiOperationType } from './openapi-import.type.js';
import type { PlannedOperation } from './plan-import.js';

/** Creates route rules from OpenAPI documents. */
@Resolver(() => OpenApiImportType)
export class OpenApiImportResolver {
  constructor(private readonly service: OpenApiImportService) {}

  @Query(() => OpenApiImportType, {
    description:
      'What an import of an OpenAPI document would do, operation by operation; nothing is saved. An operation requires the permission in x-keywright-permission, else the only scope of its security requirements if the catalog contains it; x-keywright-scope-parameter names the path parameter with the id of a scope. Needs keywright.access.manage at the root. Errors: BAD_USER_INPUT, UNAVAILABLE.',
  })
  previewOpenApiImport(
    @Ctx() context: RequestContext,
    @Arg('input', () => OpenApiImportInput) input: OpenApiImportInput,
  ): Promise<OpenApiImport> {
    return this.service.preview(authorizeAt(context, 'keywright.access.manage'), input);
  }

  @Mutation(() => OpenApiImportType, {
    description:
      'Saves what the preview shows, either completely or not at all. Needs keywright.access.manage at the root. Errors: BAD_USER_INPUT, CONFLICT if there would be too many rules or the preview is stale, UNAVAILABLE.',
  })
  importOpenApi(
    @Ctx() context: RequestContext,
    @Arg('input', () => OpenApiImportInput) input: OpenApiImportInput,
    @Arg('expectedRevision', () => String, EXPECTED_REVISION) expectedRevision: string | null,
  ): Promise<OpenApiImport> {
    return this.service.import(authorizeAt(context, 'keywright.access.manage'), input, expectedRevision);
  }

  @FieldResolver(() => [OpenApiOperationType], {
    description: 'All operations in the order of their rules: most specific path first.',
  })
  operations(@Root() { operations }: OpenApiImport): (PlannedOperation | Promise<PlannedOperation>)[] {
    return spreadOut(operations);
  }

  @FieldResolver(() => [RouteRuleType], {
    description: 'Existing rules that no longer apply in these environments; empty unless mode is REPLACE.',
  })
  removed(@Root() { removed }: OpenApiImport): (RouteRule | Promise<RouteRule>)[] {
    return spreadOut(removed);
  }
}
