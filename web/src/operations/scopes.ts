import { graphql } from '../gql/index.js';

// Everything that a row of a list of scopes shows; every mutation answers with it, so that rows renew themselves.
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

/** One page of the scopes directly below one, or of those that the caller may see. */
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

/** One scope, with the switches above it. */
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

/** Makes a customer, an organization or an account. */
export const CreateScopeMutation = graphql(`
  mutation CreateScope($input: CreateScopeInput!) {
    createScope(input: $input) {
      ...ScopeRow
    }
  }
`);

/** Changes a scope, or moves it with everything below. */
export const UpdateScopeMutation = graphql(`
  mutation UpdateScope($input: UpdateScopeInput!, $expectedVersion: Int) {
    updateScope(input: $input, expectedVersion: $expectedVersion) {
      ...ScopeRow
    }
  }
`);

/** Deletes a scope in which nothing lies. */
export const DeleteScopeMutation = graphql(`
  mutation DeleteScope($id: ID!) {
    deleteScope(id: $id)
  }
`);

/** Turns the API switch of a customer or an organization. */
export const SetScopeApiMutation = graphql(`
  mutation SetScopeApi($id: ID!, $enabled: Boolean!) {
    setScopeApiEnabled(id: $id, enabled: $enabled) {
      ...ScopeRow
    }
  }
`);
