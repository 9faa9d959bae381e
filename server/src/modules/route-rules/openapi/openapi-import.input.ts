import { Field, InputType, registerEnumType } from 'type-graphql';
import { EnvironmentEnum } from '../../graphql-types/environment.type.js';
import type { Environment } from '@keywright/schema/environment';
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
    'Where new rules go: after all others, before all others, or in place of all others of these environments. Existing rules are changed in place, unless all are replaced.',
});

export const OpenApiFallbackEnum = { NOBODY: 'NOBODY', LEAVE_OUT: 'LEAVE_OUT' } as const;
registerEnumType(OpenApiFallbackEnum, {
  name: 'OpenApiFallback',
  description:
    'What to do with operations whose permission is unknown: create a rule that rejects everyone until a permission is set, or no rule.',
});

@InputType('OpenApiChoiceInput', {
  description: 'A decision about one operation that overrides its document.',
})
export class OpenApiChoiceInput {
  @Field(() => String, { description: 'Method and path, as in the preview.' })
  operation!: string;

  @Field(() => Boolean, {
    nullable: true,
    description: 'false leaves it out; true includes an operation that the document declares public.',
  })
  include?: boolean | null;

  @Field(() => RouteAccessEnum, { nullable: true, description: 'Whom its rule accepts.' })
  access?: RouteAccess | null;

  @Field(() => String, { nullable: true, description: 'The permission that its rule requires.' })
  permission?: string | null;
}

@InputType('OpenApiImportInput', {
  description: 'An OpenAPI document, and how to convert it to route rules.',
})
export class OpenApiImportInput {
  @Field(() => String, { description: 'OpenAPI 3.x or Swagger 2.0, as JSON or YAML; at most 2 MB.' })
  document!: string;

  @Field(() => [EnvironmentEnum], { description: 'Where the rules apply; an empty list is rejected.' })
  environments!: Environment[];

  @Field(() => String, {
    nullable: true,
    description:
      'Prefix of paths at the gateway, such as /crm, or an empty string for none; if absent, taken from the servers in the document.',
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
    description: 'What to do with operations whose permission is unknown.',
  })
  withoutPermission?: 'NOBODY' | 'LEAVE_OUT' | null;

  @Field(() => [OpenApiChoiceInput], {
    nullable: true,
    description: 'Decisions about individual operations.',
  })
  choices?: OpenApiChoiceInput[] | null;
}
