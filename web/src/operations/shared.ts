import { graphql } from '../gql/index.js';

// One entry of an audit trail.
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

/** The audit trail of one object, newest first. */
export const ObjectTrailQuery = graphql(`
  query ObjectTrail($targetId: ID!, $first: Int) {
    auditEvents(filter: { targetId: $targetId }, first: $first) {
      nodes {
        ...AuditLine
      }
    }
  }
`);
