import { graphql } from '../gql/index.js';

// All fields of the list and the details; every mutation returns them, so that pages update.
graphql(`
  fragment RoleRow on Role {
    id
    version
    name
    description
    builtIn
    permissions
    holderCount
  }
`);

/** All roles, with the number of holders. */
export const RoleListQuery = graphql(`
  query RoleList {
    roles {
      ...RoleRow
    }
  }
`);

/** Creates a role. */
export const CreateRoleMutation = graphql(`
  mutation CreateRole($input: CreateRoleInput!) {
    createRole(input: $input) {
      ...RoleRow
    }
  }
`);

/** Changes a role, and with it the permissions of everyone who holds it. */
export const UpdateRoleMutation = graphql(`
  mutation UpdateRole($input: UpdateRoleInput!, $expectedVersion: Int) {
    updateRole(input: $input, expectedVersion: $expectedVersion) {
      ...RoleRow
    }
  }
`);

/** Deletes an unused role. */
export const DeleteRoleMutation = graphql(`
  mutation DeleteRole($id: ID!) {
    deleteRole(id: $id)
  }
`);
