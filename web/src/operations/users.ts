import { graphql } from '../gql/index.js';

// Everything that the list and the details show; every mutation answers with it, so that pages renew themselves.
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

// A pending invitation, as the list shows it.
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

/** The pending invitations that the viewer can see. */
export const InvitationsQuery = graphql(`
  query Invitations {
    invitations {
      ...InvitationRow
    }
  }
`);

/** Makes a fresh link for an invitation; the answer carries it, so it is only ever run with `no-cache`. */
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

/** Ends a pending invitation. */
export const RevokeInvitationMutation = graphql(`
  mutation RevokeInvitation($id: ID!) {
    revokeInvitation(id: $id)
  }
`);

/** The users that a search finds. */
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

/** Invites somebody; the answer carries the one-time link, so it is only ever run with `no-cache`. */
export const InviteUserMutation = graphql(`
  mutation InviteUser($email: String!, $name: String, $grants: [GrantInput!]!) {
    inviteUser(email: $email, name: $name, grants: $grants) {
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
  }
`);

/** Makes a fresh one-time link; the answer carries it, so it is only ever run with `no-cache`. */
export const IssuePasswordLinkMutation = graphql(`
  mutation IssuePasswordLink($id: ID!) {
    issuePasswordLink(userId: $id) {
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
  }
`);

/** Changes the name, the switch or the grants of a user. */
export const UpdateUserMutation = graphql(`
  mutation UpdateUser($input: UpdateUserInput!, $expectedVersion: Int) {
    updateUser(input: $input, expectedVersion: $expectedVersion) {
      ...UserRow
    }
  }
`);

/** Keys that a user created and that work, of those that the viewer can see. */
export const WorkingKeysOfUserQuery = graphql(`
  query WorkingKeysOfUser($id: ID!) {
    apiKeys(
      filter: { createdById: $id, status: [ACTIVE, EXPIRING_SOON] }
      sort: { field: LAST_USED, direction: DESC }
      first: 5
    ) {
      totalCount
      nodes {
        id
        name
        lastUsedAt
      }
    }
  }
`);

/** Keys that were disabled with a user, and that nobody switched since. */
export const DisabledKeysOfUserQuery = graphql(`
  query DisabledKeysOfUser($id: ID!) {
    apiKeys(filter: { disabledWithUserId: $id }, sort: { field: LAST_USED, direction: DESC }, first: 5) {
      totalCount
      nodes {
        id
        name
        lastUsedAt
      }
    }
  }
`);

/** Disables keys that a disabled user created. */
export const DisableKeysOfUserMutation = graphql(`
  mutation DisableKeysOfUser($id: ID!) {
    disableKeysOfUser(userId: $id) {
      succeeded
      failed {
        id
      }
    }
  }
`);

/** Enables the keys again that were disabled with a user. */
export const EnableKeysOfUserMutation = graphql(`
  mutation EnableKeysOfUser($id: ID!) {
    enableKeysOfUser(userId: $id) {
      succeeded
      failed {
        id
      }
    }
  }
`);

/** Takes the second factor away from a user. */
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

/** The roles that groups of the identity provider bring. */
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
