import { graphql } from '../../gql/index.js';

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
