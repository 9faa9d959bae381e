import { graphql } from '../gql/index.js';

// All fields of a service account row; every mutation returns them.
graphql(`
  fragment ServiceAccountRow on ServiceAccount {
    id
    version
    name
    description
    enabled
    keyCount
    permissions
    createdAt
    createdBy {
      kind
      id
      name
    }
    scope {
      ...ScopeChoice
      apiActive
    }
  }
`);

// Fields that the form needs in addition to the row.
graphql(`
  fragment ServiceAccountGrants on ServiceAccount {
    grants {
      ...GrantFields
    }
  }
`);

/** One page of the service accounts at or below a scope. */
export const ServiceAccountsQuery = graphql(`
  query ServiceAccounts($scopeId: ID, $search: String, $first: Int, $after: String) {
    serviceAccounts(scopeId: $scopeId, search: $search, first: $first, after: $after) {
      nodes {
        ...ServiceAccountRow
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

/** One service account, with its grants and the API switches above it. */
export const ServiceAccountQuery = graphql(`
  query ServiceAccount($id: ID!) {
    serviceAccount(id: $id) {
      ...ServiceAccountRow
      ...ServiceAccountGrants
      scope {
        path {
          apiEnabled
        }
      }
    }
  }
`);

/** One page of the keys of a service account. */
export const ServiceAccountKeysQuery = graphql(`
  query ServiceAccountKeys($id: ID!, $first: Int, $after: String) {
    serviceAccount(id: $id) {
      id
      keys(first: $first, after: $after) {
        nodes {
          ...KeyRow
        }
        totalCount
        pageInfo {
          hasNextPage
          hasPreviousPage
          endCursor
        }
      }
    }
  }
`);

/** Creates a service account. */
export const CreateServiceAccountMutation = graphql(`
  mutation CreateServiceAccount($input: CreateServiceAccountInput!) {
    createServiceAccount(input: $input) {
      ...ServiceAccountRow
    }
  }
`);

/** Changes a service account; its keys follow immediately. */
export const UpdateServiceAccountMutation = graphql(`
  mutation UpdateServiceAccount($input: UpdateServiceAccountInput!, $expectedVersion: Int) {
    updateServiceAccount(input: $input, expectedVersion: $expectedVersion) {
      ...ServiceAccountRow
      ...ServiceAccountGrants
    }
  }
`);

/** Deletes a service account that has no keys. */
export const DeleteServiceAccountMutation = graphql(`
  mutation DeleteServiceAccount($id: ID!) {
    deleteServiceAccount(id: $id)
  }
`);
