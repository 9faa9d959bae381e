import { Field, ObjectType, registerEnumType } from 'type-graphql';
import type { RouteAccess, RouteMethod, RouteRule } from '../route-rule.js';
import { RouteAccessEnum, RouteMethodEnum, RouteRuleType } from '../route-rule.type.js';
import type { ImportState } from './plan-import.js';

export const OpenApiStateEnum = {
  NEW: 'NEW',
  CHANGED: 'CHANGED',
  UNCHANGED: 'UNCHANGED',
  SKIPPED: 'SKIPPED',
  REFUSED: 'REFUSED',
} as const satisfies Record<ImportState, ImportState>;
registerEnumType(OpenApiStateEnum, {
  name: 'OpenApiState',
  description:
    'The result of an import for an operation. NEW, CHANGED, UNCHANGED: a rule. SKIPPED: no rule, intentionally. REFUSED: no rule, since the operation cannot become one.',
});

@ObjectType('OpenApiOperation', { description: 'An operation of a document, and the resulting rule.' })
export class OpenApiOperationType {
  @Field(() => String, {
    description: 'Method and path, such as GET /v1/customers/{id}; identifies the operation in choices.',
  })
  operation!: string;

  @Field(() => RouteMethodEnum, { description: 'Method of the operation.' })
  method!: RouteMethod;

  @Field(() => String, { description: 'Path of the operation, including the base path of its server.' })
  pathPattern!: string;

  @Field(() => String, { description: 'Summary of the operation, or its operationId.' })
  summary!: string;

  @Field(() => OpenApiStateEnum, { description: 'Outcome of the import for the operation.' })
  state!: ImportState;

  @Field(() => RouteAccessEnum, {
    nullable: true,
    description: 'Whom its rule accepts; null if it has no rule.',
  })
  access!: RouteAccess | null;

  @Field(() => String, { nullable: true, description: 'The permission that its rule requires.' })
  permission!: string | null;

  @Field(() => Boolean, {
    description: 'Whether its permission is unknown: choose one, or it stays closed or left out.',
  })
  needsPermission!: boolean;

  @Field(() => String, {
    description: 'A suggested permission name; not necessarily in the catalog.',
  })
  proposal!: string;

  @Field(() => String, { nullable: true, description: 'The path parameter with the id of a scope.' })
  scopeParameter!: string | null;

  @Field(() => RouteRuleType, {
    nullable: true,
    description: 'The existing rule with the same method, path and environments.',
  })
  current!: RouteRule | null;

  @Field(() => String, {
    nullable: true,
    description: 'An earlier rule that matches all its requests, so that its own rule would never decide.',
  })
  shadowedBy!: string | null;

  @Field(() => [String], { description: 'Remarks about the operation.' })
  notes!: readonly string[];
}

@ObjectType('OpenApiImport', { description: 'What an import would do, or did.' })
export class OpenApiImportType {
  @Field(() => String, { description: 'Title of the document; may be empty.' })
  title!: string;

  @Field(() => String, {
    description:
      'Revision of the whole list of rules, which the preview was based on or the import produced. Pass it as expectedRevision.',
  })
  revision!: string;
}
