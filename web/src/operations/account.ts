import { graphql } from '../gql/index.js';

/** The person at the screen: who they are, how they are protected, and where they are signed in. */
export const AccountQuery = graphql(`
  query Account {
    viewer {
      user {
        id
        email
        name
        external
        twoFactorEnabled
        createdAt
      }
      twoFactorSetupRequired
      recoveryCodesLeft
      sessions {
        id
        createdAt
        lastSeenAt
        expiresAt
        ip
        userAgent
        current
      }
    }
  }
`);

/** Changes one's own password; all other sessions end. */
export const ChangePasswordMutation = graphql(`
  mutation ChangePassword($currentPassword: String!, $newPassword: String!) {
    changePassword(currentPassword: $currentPassword, newPassword: $newPassword)
  }
`);

/** Ends one of one's own sessions. */
export const EndSessionMutation = graphql(`
  mutation EndSession($id: ID!) {
    endSession(id: $id)
  }
`);

/** Ends all of one's own sessions but this one. */
export const EndOtherSessionsMutation = graphql(`
  mutation EndOtherSessions {
    endOtherSessions
  }
`);

/** Starts enrolling a second factor; the answer carries its secret, so it is only ever run with `no-cache`. */
export const BeginTwoFactorMutation = graphql(`
  mutation BeginTwoFactor($password: String!) {
    beginTwoFactor(password: $password) {
      secret
      uri
    }
  }
`);

/** Activates the second factor; the answer is the recovery codes, so it is only ever run with `no-cache`. */
export const ConfirmTwoFactorMutation = graphql(`
  mutation ConfirmTwoFactor($code: String!) {
    confirmTwoFactor(code: $code)
  }
`);

/** Turns one's own second factor off. */
export const DisableTwoFactorMutation = graphql(`
  mutation DisableTwoFactor($password: String!, $code: String!) {
    disableTwoFactor(password: $password, code: $code)
  }
`);

/** Replaces the recovery codes; the answer is the new ones, so it is only ever run with `no-cache`. */
export const RenewRecoveryCodesMutation = graphql(`
  mutation RenewRecoveryCodes($password: String!, $code: String!) {
    renewRecoveryCodes(password: $password, code: $code)
  }
`);
