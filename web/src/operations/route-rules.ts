import { graphql } from '../gql/index.js';

/** All route rules in order, and the default without a match. */
export const RouteRulesQuery = graphql(`
  query RouteRules {
    routeRuleDefault
    routeRuleRevision
    routeRules {
      id
      version
      position
      environments
      method
      pathPattern
      access
      permission
      scopeParameter
      description
      shadowedBy {
        id
        position
      }
    }
  }
`);

/** Adds a rule. */
export const CreateRouteRuleMutation = graphql(`
  mutation CreateRouteRule($input: CreateRouteRuleInput!, $expectedRevision: String) {
    createRouteRule(input: $input, expectedRevision: $expectedRevision) {
      id
    }
  }
`);

/** Changes a rule. */
export const UpdateRouteRuleMutation = graphql(`
  mutation UpdateRouteRule($input: UpdateRouteRuleInput!, $expectedVersion: Int) {
    updateRouteRule(input: $input, expectedVersion: $expectedVersion) {
      id
    }
  }
`);

/** Deletes a rule. */
export const DeleteRouteRuleMutation = graphql(`
  mutation DeleteRouteRule($id: ID!, $expectedVersion: Int!) {
    deleteRouteRule(id: $id, expectedVersion: $expectedVersion)
  }
`);

/** Moves a rule to another position. */
export const MoveRouteRuleMutation = graphql(`
  mutation MoveRouteRule($id: ID!, $position: Int!, $expectedVersion: Int) {
    moveRouteRule(id: $id, position: $position, expectedVersion: $expectedVersion) {
      id
    }
  }
`);

/** Sets the default for requests that no rule matches. */
export const SetRouteRuleDefaultMutation = graphql(`
  mutation SetRouteRuleDefault($default: RouteDefault!) {
    setRouteRuleDefault(default: $default)
  }
`);

/** Finds the rule that decides a request. */
export const TestRouteQuery = graphql(`
  query TestRoute($method: String!, $path: String!, $environment: Environment!) {
    testRoute(method: $method, path: $path, environment: $environment) {
      refused
      access
      permission
      scopeId
      rule {
        id
        position
        method
        pathPattern
      }
    }
  }
`);

/** Previews an import. */
export const PreviewOpenApiQuery = graphql(`
  query PreviewOpenApi($input: OpenApiImportInput!) {
    previewOpenApiImport(input: $input) {
      title
      revision
      removed {
        id
        method
        pathPattern
      }
      operations {
        operation
        method
        pathPattern
        summary
        state
        access
        permission
        needsPermission
        proposal
        scopeParameter
        shadowedBy
        notes
      }
    }
  }
`);

/** Applies the previewed import, unless rules changed since. */
export const ImportOpenApiMutation = graphql(`
  mutation ImportOpenApi($input: OpenApiImportInput!, $expectedRevision: String!) {
    importOpenApi(input: $input, expectedRevision: $expectedRevision) {
      title
      operations {
        operation
        state
      }
    }
  }
`);
