import { graphql } from '../gql/index.js';

/** Settings of this installation for the sign-in and set-up pages, links and snippets. */
export const InstallationQuery = graphql(`
  query Installation {
    installation {
      setupRequired
      publicUrl
      sandboxEnabled
      version
      localSignIn
      singleSignOn
      twoFactorRequired
      mailEnabled
    }
  }
`);

/** The signed-in user and their preferences. */
export const ViewerQuery = graphql(`
  query Viewer {
    viewer {
      user {
        id
        email
        name
        external
        twoFactorEnabled
      }
      permissions
      access {
        scope {
          id
          kind
          name
        }
        permissions
      }
      preferences
      preferencesVersion
      twoFactorSetupRequired
    }
  }
`);

// The result of a sign-in step: a session cookie, or a challenge for the second step.
graphql(`
  fragment SignInAnswer on SignInPayload {
    twoFactorRequired
    challenge
    session {
      expiresAt
    }
  }
`);

/** Signs in with a password. */
export const SignInMutation = graphql(`
  mutation SignIn($email: String!, $password: String!) {
    signIn(email: $email, password: $password) {
      ...SignInAnswer
    }
  }
`);

/** The second step of signing in: a one-time code, or a recovery code. */
export const CompleteTwoFactorMutation = graphql(`
  mutation CompleteTwoFactor($challenge: String!, $code: String!) {
    completeTwoFactor(challenge: $challenge, code: $code) {
      ...SignInAnswer
    }
  }
`);

/** Sets the password with a one-time link and signs the user in. */
export const ChoosePasswordMutation = graphql(`
  mutation ChoosePassword($token: String!, $password: String!, $name: String) {
    choosePassword(token: $token, password: $password, name: $name) {
      ...SignInAnswer
    }
  }
`);

/** The invitation of a one-time link; null for a link to set a password. */
export const ReceivedInvitationQuery = graphql(`
  query ReceivedInvitation($token: String!) {
    receivedInvitation(token: $token) {
      email
      name
      issuerName
      expiresAt
      grants {
        role
        permissions
        scope
      }
    }
  }
`);

/** Accepts an invitation as the signed-in user. */
export const AcceptInvitationMutation = graphql(`
  mutation AcceptInvitation($token: String!) {
    acceptInvitation(token: $token) {
      id
    }
  }
`);

/** Declines an invitation as the signed-in user. */
export const DeclineInvitationMutation = graphql(`
  mutation DeclineInvitation($token: String!) {
    declineInvitation(token: $token)
  }
`);

/** Mails a one-time link to a user who forgot their password; never reveals whether the user exists. */
export const RequestPasswordResetMutation = graphql(`
  mutation RequestPasswordReset($email: String!) {
    requestPasswordReset(email: $email)
  }
`);

/** Ends the session of this browser. */
export const SignOutMutation = graphql(`
  mutation SignOut {
    signOut
  }
`);

/** Creates the first owner with the one-time link and signs them in. */
export const SetUpOwnerMutation = graphql(`
  mutation SetUpOwner($token: String!, $email: String!, $name: String!, $password: String!) {
    setUpOwner(token: $token, email: $email, name: $name, password: $password) {
      ...SignInAnswer
    }
  }
`);

/** Saves the user's preferences. */
export const SavePreferencesMutation = graphql(`
  mutation SavePreferences($preferences: JSON!, $expectedVersion: Int) {
    savePreferences(preferences: $preferences, expectedVersion: $expectedVersion) {
      preferences
      preferencesVersion
    }
  }
`);
