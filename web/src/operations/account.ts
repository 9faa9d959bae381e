import { graphql } from '../gql/index.js';

/** The signed-in user: profile, second factor and sessions. */
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

/** Changes the user's own password; all other sessions end. */
export const ChangePasswordMutation = graphql(`
  mutation ChangePassword($currentPassword: String!, $newPassword: String!) {
    changePassword(currentPassword: $currentPassword, newPassword: $newPassword)
  }
`);

/** Ends one of the user's own sessions. */
export const EndSessionMutation = graphql(`
  mutation EndSession($id: ID!) {
    endSession(id: $id)
  }
`);

/** Ends all of the user's own sessions except this one. */
export const EndOtherSessionsMutation = graphql(`
  mutation EndOtherSessions {
    endOtherSessions
  }
`);

/** Starts enrolling a second factor; the result contains its secret, so always run it with `no-cache`. */
export const BeginTwoFactorMutation = graphql(`
  mutation BeginTwoFactor($password: String!) {
    beginTwoFactor(password: $password) {
      secret
      uri
    }
  }
`);

/** Activates the second factor; the result contains the recovery codes, so always run it with `no-cache`. */
export const ConfirmTwoFactorMutation = graphql(`
  mutation ConfirmTwoFactor($code: String!) {
    confirmTwoFactor(code: $code)
  }
`);

/** Turns off the user's own second factor. */
export const DisableTwoFactorMutation = graphql(`
  mutation DisableTwoFactor($password: String!, $code: String!) {
    disableTwoFactor(password: $password, code: $code)
  }
`);

/** Replaces the recovery codes; the result contains the new ones, so always run it with `no-cache`. */
export const RenewRecoveryCodesMutation = graphql(`
  mutation RenewRecoveryCodes($password: String!, $code: String!) {
    renewRecoveryCodes(password: $password, code: $code)
  }
`);
