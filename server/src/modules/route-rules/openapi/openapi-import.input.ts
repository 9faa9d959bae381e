import { Field, InputType, registerEnumType } from 'type-graphql';
import { EnvironmentEnum } from '../../keys/key.enums.js';
import type { Environment } from '../../keys/token.js';
import type { RouteAccess } from '../route-rule.js';
import { RouteAccessEnum } from '../route-rule.type.js';
import type { ImportMode } from './decide-operation.js';

export const OpenApiModeEnum = {
  APPEND: 'APPEND',
  PREPEND: 'PREPEND',
  REPLACE: 'REPLACE',
} as const satisfies Record<ImportMode, ImportMode>;
registerEnumType(OpenApiModeEnum, {
  name: 'OpenApiMode',
  description:
    'Where new rules go: behind all others, before all others, or instead of all others of these environments. Rules that are there already are changed where they stand, unless all are replaced.',
});

export const OpenApiFallbackEnum = { NOBODY: 'NOBODY', LEAVE_OUT: 'LEAVE_OUT' } as const;
registerEnumType(OpenApiFallbackEnum, {
  name: 'OpenApiFallback',
  description:
    'What becomes of operations for which no permission is known: a rule that lets nobody pass until it is given one, or no rule.',
});

@InputType('OpenApiChoiceInput', {
  description: 'What is decided about one operation, instead of what its document says.',
})
export class OpenApiChoiceInput {
  @Field(() => String, { description: 'Method and path, as the preview names it.' })
  operation!: string;

  @Field(() => Boolean, {
    nullable: true,
    description: 'false leaves it out; true takes an operation that the document calls public as any other.',
  })
  include?: boolean | null;

  @Field(() => RouteAccessEnum, { nullable: true, description: 'Whom its rule lets pass.' })
  access?: RouteAccess | null;

  @Field(() => String, { nullable: true, description: 'The permission that its rule asks for.' })
  permission?: string | null;
}

@InputType('OpenApiImportInput', { description: 'An OpenAPI document, and how it becomes route rules.' })
export class OpenApiImportInput {
  @Field(() => String, { description: 'OpenAPI 3.x or Swagger 2.0, as JSON or YAML; at most 2 MB.' })
  document!: string;

  @Field(() => [EnvironmentEnum], { description: 'Where the rules hold; an empty list is refused.' })
  environments!: Environment[];

  @Field(() => String, {
    nullable: true,
    description:
      'What paths begin with at the gateway, such as /crm, or an empty text for nothing; absent: what the document says about its servers.',
  })
  basePath?: string | null;

  @Field(() => OpenApiModeEnum, {
    nullable: true,
    defaultValue: 'APPEND',
    description: 'Where new rules go.',
  })
  mode?: ImportMode | null;

  @Field(() => OpenApiFallbackEnum, {
    nullable: true,
    defaultValue: 'NOBODY',
    description: 'What becomes of operations for which no permission is known.',
  })
  withoutPermission?: 'NOBODY' | 'LEAVE_OUT' | null;

  @Field(() => [OpenApiChoiceInput], { nullable: true, description: 'Decisions about single operations.' })
  choices?: OpenApiChoiceInput[] | null;
}
