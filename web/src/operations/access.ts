import { graphql } from '../gql/index.js';

// A scope with its path, for pickers and links.
graphql(`
  fragment ScopeChoice on Scope {
    id
    kind
    name
    path {
      id
      kind
      name
    }
  }
`);

// A service account as an option, with what its keys would inherit.
graphql(`
  fragment ServiceAccountChoice on ServiceAccount {
    id
    name
    enabled
    permissions
    scope {
      ...ScopeChoice
    }
  }
`);

// A grant for display and editing.
graphql(`
  fragment GrantFields on Grant {
    permissions
    role {
      id
      name
      permissions
    }
    scope {
      ...ScopeChoice
    }
  }
`);

/** Searches scopes; without a search, returns those directly below the root, or all of one kind. */
export const ScopeChoicesQuery = graphql(`
  query ScopeChoices($kind: ScopeKind, $search: String) {
    scopes(kind: $kind, search: $search) {
      ...ScopeChoice
    }
  }
`);

/** Searches service accounts, with what their keys would inherit. */
export const ServiceAccountChoicesQuery = graphql(`
  query ServiceAccountChoices($search: String, $first: Int) {
    serviceAccounts(search: $search, first: $first) {
      nodes {
        ...ServiceAccountChoice
      }
    }
  }
`);

/** All roles. */
export const RolesQuery = graphql(`
  query Roles {
    roles {
      id
      name
      description
      builtIn
      permissions
    }
  }
`);
