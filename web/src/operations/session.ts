import { graphql } from '../gql/index.js';

/** What the sign-in and set-up pages, and every link and snippet, need to know about this installation. */
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

/** Who is signed in, and how they like their tables. */
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

// What comes of proving who one is: the session arrives as a cookie, or a second step is due.
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

/** Chooses the password of whoever was given a one-time link, and signs them in. */
export const ChoosePasswordMutation = graphql(`
  mutation ChoosePassword($token: String!, $password: String!, $name: String) {
    choosePassword(token: $token, password: $password, name: $name) {
      ...SignInAnswer
    }
  }
`);

/** The invitation of a one-time link, for whoever opened it; null for a link to choose a password. */
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

/** Mails a one-time link to somebody who forgot the password; never says whether there is such a person. */
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

/** Makes the first owner with the one-time link, and signs them in. */
export const SetUpOwnerMutation = graphql(`
  mutation SetUpOwner($token: String!, $email: String!, $name: String!, $password: String!) {
    setUpOwner(token: $token, email: $email, name: $name, password: $password) {
      ...SignInAnswer
    }
  }
`);

/** Keeps the preferences of the person at the screen. */
export const SavePreferencesMutation = graphql(`
  mutation SavePreferences($preferences: JSON!, $expectedVersion: Int) {
    savePreferences(preferences: $preferences, expectedVersion: $expectedVersion) {
      preferences
      preferencesVersion
    }
  }
`);
