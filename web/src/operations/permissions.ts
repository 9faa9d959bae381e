import { graphql } from '../gql/index.js';

/** The catalogue, with Keywright's own permissions marked. */
export const CatalogueQuery = graphql(`
  query Catalogue {
    permissions {
      name
      version
      label
      group
      description
      builtIn
    }
  }
`);

/** Adds a catalogue entry, or changes the one with this name. */
export const SavePermissionMutation = graphql(`
  mutation SavePermission($input: SavePermissionInput!, $expectedVersion: Int) {
    savePermission(input: $input, expectedVersion: $expectedVersion) {
      name
      version
      label
      group
      description
      builtIn
    }
  }
`);

/** Deletes an unused catalogue entry. */
export const DeletePermissionMutation = graphql(`
  mutation DeletePermission($name: String!) {
    deletePermission(name: $name)
  }
`);
