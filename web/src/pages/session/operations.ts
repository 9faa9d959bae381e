import { graphql } from '../../gql/index.js';

/** What the sign-in and set-up pages, and every link and snippet, need to know about this installation. */
export const InstallationQuery = graphql(`
  query Installation {
    installation {
      setupRequired
      publicUrl
      sandboxEnabled
      version
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
      }
      permissions
      preferences
    }
  }
`);

/** Signs in with a password; the session arrives as a cookie. */
export const SignInMutation = graphql(`
  mutation SignIn($email: String!, $password: String!) {
    signIn(email: $email, password: $password) {
      twoFactorRequired
      session {
        expiresAt
      }
    }
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
      twoFactorRequired
      session {
        expiresAt
      }
    }
  }
`);

/** Keeps the preferences of the person at the screen. */
export const SavePreferencesMutation = graphql(`
  mutation SavePreferences($preferences: JSON!) {
    savePreferences(preferences: $preferences) {
      preferences
    }
  }
`);
