import { graphql } from '../gql/index.js';

/** Keys that are held to what a restored database lost. */
export const KeyHoldsQuery = graphql(`
  query KeyHolds {
    keyHolds {
      id
      apiKeyId
      apiKeyName
      reasons
      host
      raisedAt
    }
  }
`);

/** Service accounts, roles and scopes that are held to what a restored database lost. */
export const AccessHoldsQuery = graphql(`
  query AccessHolds {
    accessHolds {
      id
      target
      targetId
      targetName
      reasons
      host
      raisedAt
    }
  }
`);

/** Makes the lost change of a service account, role or scope again. */
export const ApplyAccessHoldMutation = graphql(`
  mutation ApplyAccessHold($id: ID!) {
    applyAccessHold(id: $id) {
      hold {
        id
      }
    }
  }
`);

/** Lets a service account, role or scope allow what the database says. */
export const ReleaseAccessHoldMutation = graphql(`
  mutation ReleaseAccessHold($id: ID!) {
    releaseAccessHold(id: $id) {
      hold {
        id
      }
    }
  }
`);

/** Makes the lost change again. */
export const ApplyKeyHoldMutation = graphql(`
  mutation ApplyKeyHold($id: ID!) {
    applyKeyHold(id: $id) {
      hold {
        id
      }
    }
  }
`);

/** Lets the key do what the database says. */
export const ReleaseKeyHoldMutation = graphql(`
  mutation ReleaseKeyHold($id: ID!) {
    releaseKeyHold(id: $id) {
      hold {
        id
      }
    }
  }
`);

/** The processes of this installation, and how each stands. */
export const ProcessesQuery = graphql(`
  query Processes {
    verificationNodes {
      id
      role
      host
      version
      startedAt
      seenAt
      keys
      backlogBytes
      lostCount
      lostCountIsMinimum
      redis
      databaseChanges
      databaseChangedAt
      hearsNotifications
      redisFaults
    }
  }
`);
