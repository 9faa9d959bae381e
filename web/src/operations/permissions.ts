import { graphql } from '../gql/index.js';

/** The catalogue, with what belongs to Keywright itself marked. */
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

/** Adds an entry to the catalogue, or changes the one of this name. */
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

/** Takes an entry out of the catalogue that nothing uses. */
export const DeletePermissionMutation = graphql(`
  mutation DeletePermission($name: String!) {
    deletePermission(name: $name)
  }
`);
