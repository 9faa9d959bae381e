import { graphql } from '../gql/index.js';

// A permission of the catalogue.
graphql(`
  fragment CatalogueEntry on Permission {
    name
    version
    label
    group
    description
    builtIn
  }
`);

/** The catalogue, with Keywright's own permissions marked. */
export const CatalogueQuery = graphql(`
  query Catalogue {
    permissions {
      ...CatalogueEntry
    }
  }
`);

/** Adds a catalogue entry, or changes the one with this name. */
export const SavePermissionMutation = graphql(`
  mutation SavePermission($input: SavePermissionInput!, $expectedVersion: Int) {
    savePermission(input: $input, expectedVersion: $expectedVersion) {
      ...CatalogueEntry
    }
  }
`);

/** Deletes an unused catalogue entry. */
export const DeletePermissionMutation = graphql(`
  mutation DeletePermission($name: String!) {
    deletePermission(name: $name)
  }
`);
