import { graphql } from '../gql/index.js';

// Everything that the list and the details show; every mutation answers with it, so that pages renew themselves.
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

/** All roles, with how many hold each. */
export const RoleListQuery = graphql(`
  query RoleList {
    roles {
      ...RoleRow
    }
  }
`);

/** Makes a role. */
export const CreateRoleMutation = graphql(`
  mutation CreateRole($input: CreateRoleInput!) {
    createRole(input: $input) {
      ...RoleRow
    }
  }
`);

/** Changes a role, and with it what everyone who holds it may do. */
export const UpdateRoleMutation = graphql(`
  mutation UpdateRole($input: UpdateRoleInput!, $expectedVersion: Int) {
    updateRole(input: $input, expectedVersion: $expectedVersion) {
      ...RoleRow
    }
  }
`);

/** Deletes a role that nobody holds. */
export const DeleteRoleMutation = graphql(`
  mutation DeleteRole($id: ID!) {
    deleteRole(id: $id)
  }
`);
