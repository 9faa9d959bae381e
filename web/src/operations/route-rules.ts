import { graphql } from '../gql/index.js';

/** All route rules in order, and what holds where none matches. */
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

/** Puts a rule at another place. */
export const MoveRouteRuleMutation = graphql(`
  mutation MoveRouteRule($id: ID!, $position: Int!, $expectedVersion: Int) {
    moveRouteRule(id: $id, position: $position, expectedVersion: $expectedVersion) {
      id
    }
  }
`);

/** Sets what a request gets that no rule matches. */
export const SetRouteRuleDefaultMutation = graphql(`
  mutation SetRouteRuleDefault($default: RouteDefault!) {
    setRouteRuleDefault(default: $default)
  }
`);

/** Says which rule decides about a request. */
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

/** What an import would do. */
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

/** Saves what the preview shows, unless rules changed since. */
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
