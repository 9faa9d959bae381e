import { graphql } from '../gql/index.js';

// All fields of the list and the details; every mutation returns them, so that pages update.
graphql(`
  fragment UserRow on User {
    id
    version
    name
    email
    status
    enabled
    external
    twoFactorEnabled
    lastSignInAt
    createdAt
    grants {
      ...GrantFields
    }
    passwordLink {
      expiresAt
      mailed
    }
  }
`);

// A pending invitation in the list.
graphql(`
  fragment InvitationRow on Invitation {
    id
    email
    name
    createdAt
    expiresAt
    mailed
    issuer {
      kind
      id
      name
    }
    grants {
      ...GrantFields
    }
  }
`);

// A user with a new one-time link: always fetched with `no-cache`.
graphql(`
  fragment LinkedUser on User {
    id
    name
    email
    status
    passwordLink {
      url
      expiresAt
      mailed
    }
  }
`);

// Some keys that a user created, and how many there are.
graphql(`
  fragment KeysOfUser on ApiKeyConnection {
    totalCount
    nodes {
      id
      name
      lastUsedAt
    }
  }
`);

// Keys switched together with a user.
graphql(`
  fragment SwitchedKeys on BulkPayload {
    succeeded
    failed {
      id
    }
  }
`);

/** The pending invitations that the caller can see. */
export const InvitationsQuery = graphql(`
  query Invitations {
    invitations {
      ...InvitationRow
    }
  }
`);

/** Creates a new link for an invitation; the result contains it, so always run it with `no-cache`. */
export const ResendInvitationMutation = graphql(`
  mutation ResendInvitation($id: ID!) {
    resendInvitation(id: $id) {
      id
      name
      email
      url
      expiresAt
      mailed
    }
  }
`);

/** Revokes a pending invitation. */
export const RevokeInvitationMutation = graphql(`
  mutation RevokeInvitation($id: ID!) {
    revokeInvitation(id: $id)
  }
`);

/** Searches users. */
export const UsersQuery = graphql(`
  query Users($search: String) {
    users(search: $search) {
      ...UserRow
    }
  }
`);

/** One user. */
export const UserQuery = graphql(`
  query User($id: ID!) {
    user(id: $id) {
      ...UserRow
    }
  }
`);

/** Invites a user; the result contains the one-time link, so always run it with `no-cache`. */
export const InviteUserMutation = graphql(`
  mutation InviteUser($email: String!, $name: String, $grants: [GrantInput!]!) {
    inviteUser(email: $email, name: $name, grants: $grants) {
      ...LinkedUser
    }
  }
`);

/** Creates a new one-time link; the result contains it, so always run it with `no-cache`. */
export const IssuePasswordLinkMutation = graphql(`
  mutation IssuePasswordLink($id: ID!) {
    issuePasswordLink(userId: $id) {
      ...LinkedUser
    }
  }
`);

/** Changes the name, enabled state or grants of a user. */
export const UpdateUserMutation = graphql(`
  mutation UpdateUser($input: UpdateUserInput!, $expectedVersion: Int) {
    updateUser(input: $input, expectedVersion: $expectedVersion) {
      ...UserRow
    }
  }
`);

/** The working keys that a user created, of those that the caller can see. */
export const WorkingKeysOfUserQuery = graphql(`
  query WorkingKeysOfUser($id: ID!) {
    apiKeys(
      filter: { createdById: $id, status: [ACTIVE, EXPIRING_SOON] }
      sort: { field: LAST_USED, direction: DESC }
      first: 5
    ) {
      ...KeysOfUser
    }
  }
`);

/** The keys disabled together with a user and not enabled or disabled since. */
export const DisabledKeysOfUserQuery = graphql(`
  query DisabledKeysOfUser($id: ID!) {
    apiKeys(filter: { disabledWithUserId: $id }, sort: { field: LAST_USED, direction: DESC }, first: 5) {
      ...KeysOfUser
    }
  }
`);

/** Disables the keys that a disabled user created. */
export const DisableKeysOfUserMutation = graphql(`
  mutation DisableKeysOfUser($id: ID!) {
    disableKeysOfUser(userId: $id) {
      ...SwitchedKeys
    }
  }
`);

/** Enables the keys that were disabled together with a user. */
export const EnableKeysOfUserMutation = graphql(`
  mutation EnableKeysOfUser($id: ID!) {
    enableKeysOfUser(userId: $id) {
      ...SwitchedKeys
    }
  }
`);

/** Resets the second factor of a user. */
export const ResetTwoFactorMutation = graphql(`
  mutation ResetTwoFactor($id: ID!) {
    resetTwoFactor(userId: $id) {
      ...UserRow
    }
  }
`);

/** Ends all sessions of a user. */
export const EndUserSessionsMutation = graphql(`
  mutation EndUserSessions($id: ID!) {
    endUserSessions(userId: $id)
  }
`);

/** Whether everyone who signs in with a password needs a second factor. */
export const SetTwoFactorRequiredMutation = graphql(`
  mutation SetTwoFactorRequired($required: Boolean!) {
    setTwoFactorRequired(required: $required)
  }
`);

/** The roles that users get from groups of the identity provider. */
export const GroupRolesQuery = graphql(`
  query GroupRoles {
    singleSignOnRoles {
      group
      name
      bound
      role {
        id
        name
      }
      scope {
        id
        name
        kind
      }
    }
  }
`);
