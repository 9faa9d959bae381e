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

/** Reapplies the lost change of a service account, role or scope. */
export const ApplyAccessHoldMutation = graphql(`
  mutation ApplyAccessHold($id: ID!) {
    applyAccessHold(id: $id) {
      hold {
        id
      }
    }
  }
`);

/** Accepts the database state of a service account, role or scope. */
export const ReleaseAccessHoldMutation = graphql(`
  mutation ReleaseAccessHold($id: ID!) {
    releaseAccessHold(id: $id) {
      hold {
        id
      }
    }
  }
`);

/** Reapplies the lost change of a key. */
export const ApplyKeyHoldMutation = graphql(`
  mutation ApplyKeyHold($id: ID!) {
    applyKeyHold(id: $id) {
      hold {
        id
      }
    }
  }
`);

/** Accepts the database state of a key. */
export const ReleaseKeyHoldMutation = graphql(`
  mutation ReleaseKeyHold($id: ID!) {
    releaseKeyHold(id: $id) {
      hold {
        id
      }
    }
  }
`);

/** The processes of this installation and their status. */
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
