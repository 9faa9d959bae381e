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
    'What an import makes of an operation. NEW, CHANGED, UNCHANGED: a rule. SKIPPED: none, on purpose. REFUSED: none, as it cannot be one.',
});

@ObjectType('OpenApiOperation', { description: 'An operation of a document, and the rule that it becomes.' })
export class OpenApiOperationType {
  @Field(() => String, {
    description: 'Method and path, such as GET /v1/customers/{id}: its name in choices.',
  })
  operation!: string;

  @Field(() => RouteMethodEnum, { description: 'Its method.' })
  method!: RouteMethod;

  @Field(() => String, { description: 'Its path behind the base path of its server.' })
  pathPattern!: string;

  @Field(() => String, { description: 'Its summary, or its operationId.' })
  summary!: string;

  @Field(() => OpenApiStateEnum, { description: 'What becomes of it.' })
  state!: ImportState;

  @Field(() => RouteAccessEnum, {
    nullable: true,
    description: 'Whom its rule lets pass; null: it has none.',
  })
  access!: RouteAccess | null;

  @Field(() => String, { nullable: true, description: 'The permission that its rule asks for.' })
  permission!: string | null;

  @Field(() => Boolean, {
    description:
      'Whether nothing says which permission it needs: choose one, or it stays closed or left out.',
  })
  needsPermission!: boolean;

  @Field(() => String, {
    description: 'A name that a permission for it could have; not necessarily in the catalogue.',
  })
  proposal!: string;

  @Field(() => String, { nullable: true, description: 'The path parameter that holds the id of a scope.' })
  scopeParameter!: string | null;

  @Field(() => RouteRuleType, {
    nullable: true,
    description: 'The rule of the same method, path and environments that is there already.',
  })
  current!: RouteRule | null;

  @Field(() => String, {
    nullable: true,
    description: 'An earlier rule that takes all its requests, so that its own would never decide.',
  })
  shadowedBy!: string | null;

  @Field(() => [String], { description: 'What there is to say about it.' })
  notes!: readonly string[];
}

@ObjectType('OpenApiImport', { description: 'What an import would do, or did.' })
export class OpenApiImportType {
  @Field(() => String, { description: 'Title of the document; may be empty.' })
  title!: string;

  @Field(() => String, {
    description:
      'Revision of the whole list of rules: the one that the preview looked at, or that the import left. Pass it as expectedRevision.',
  })
  revision!: string;
}
