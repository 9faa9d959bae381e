import { graphql } from '../gql/index.js';

// A permission of the catalog.
graphql(`
  fragment CatalogEntry on Permission {
    name
    version
    label
    group
    description
    builtIn
  }
`);

/** The catalog, with Keywright's own permissions marked. */
export const CatalogQuery = graphql(`
  query Catalog {
    permissions {
      ...CatalogEntry
    }
  }
`);

/** Adds a catalog entry, or changes the one with this name. */
export const SavePermissionMutation = graphql(`
  mutation SavePermission($input: SavePermissionInput!, $expectedVersion: Int) {
    savePermission(input: $input, expectedVersion: $expectedVersion) {
      ...CatalogEntry
    }
  }
`);

/** Deletes an unused catalog entry. */
export const DeletePermissionMutation = graphql(`
  mutation DeletePermission($name: String!) {
    deletePermission(name: $name)
  }
`);
