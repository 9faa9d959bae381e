import { graphql } from '../gql/index.js';

// A scope with the way to it: what pickers offer and links show.
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

// A service account as it is chosen: with what keys would inherit.
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

// A grant as it is shown and edited.
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

/** The scopes that a search finds; without a search those directly below the root, or all of one kind. */
export const ScopeChoicesQuery = graphql(`
  query ScopeChoices($kind: ScopeKind, $search: String) {
    scopes(kind: $kind, search: $search) {
      ...ScopeChoice
    }
  }
`);

/** The service accounts that a search finds, with what their keys would inherit. */
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
