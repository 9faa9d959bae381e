import { graphql } from '../gql/index.js';

// What one line of an audit trail shows.
graphql(`
  fragment AuditLine on AuditEvent {
    id
    at
    action
    ip
    changes
    actor {
      kind
      id
      name
    }
  }
`);

/** Who did what to one object, newest first. */
export const ObjectTrailQuery = graphql(`
  query ObjectTrail($targetId: ID!, $first: Int) {
    auditEvents(filter: { targetId: $targetId }, first: $first) {
      nodes {
        ...AuditLine
      }
    }
  }
`);
