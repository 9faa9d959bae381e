import { graphql } from '../gql/index.js';

// All fields of a scope row; every mutation returns them, so that rows update.
graphql(`
  fragment ScopeRow on Scope {
    ...ScopeChoice
    version
    email
    joinedOn
    apiEnabled
    apiActive
    childCount
    serviceAccountCount
    keyCount
    keyLimit
    maximumKeys
    createdAt
  }
`);

/** One page of the scopes directly below a scope, or of all that the caller can see. */
export const ScopesQuery = graphql(`
  query Scopes($parentId: ID, $kind: ScopeKind, $search: String, $first: Int, $after: String) {
    scopesConnection(parentId: $parentId, kind: $kind, search: $search, first: $first, after: $after) {
      nodes {
        ...ScopeRow
      }
      totalCount
      pageInfo {
        hasNextPage
        hasPreviousPage
        endCursor
      }
    }
  }
`);

/** One scope, with the API switches above it. */
export const ScopeQuery = graphql(`
  query Scope($id: ID!) {
    scope(id: $id) {
      ...ScopeRow
      path {
        apiEnabled
      }
    }
  }
`);

/** Creates a customer, organization or account. */
export const CreateScopeMutation = graphql(`
  mutation CreateScope($input: CreateScopeInput!) {
    createScope(input: $input) {
      ...ScopeRow
    }
  }
`);

/** Changes a scope, or moves it with everything below it. */
export const UpdateScopeMutation = graphql(`
  mutation UpdateScope($input: UpdateScopeInput!, $expectedVersion: Int) {
    updateScope(input: $input, expectedVersion: $expectedVersion) {
      ...ScopeRow
    }
  }
`);

/** Deletes an empty scope. */
export const DeleteScopeMutation = graphql(`
  mutation DeleteScope($id: ID!) {
    deleteScope(id: $id)
  }
`);

/** Sets the API switch of a customer or organization. */
export const SetScopeApiMutation = graphql(`
  mutation SetScopeApi($id: ID!, $enabled: Boolean!) {
    setScopeApiEnabled(id: $id, enabled: $enabled) {
      ...ScopeRow
    }
  }
`);
