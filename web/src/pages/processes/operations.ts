import { graphql } from '../../gql/index.js';

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
      redis
      databaseChanges
      databaseChangedAt
    }
  }
`);
