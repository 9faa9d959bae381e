import { graphql } from '../gql/index.js';

/** All details of one key. */
export const KeyDetailQuery = graphql(`
  query KeyDetail($id: ID!, $withUsage: Boolean!) {
    apiKey(id: $id) {
      ...KeyRow
      metadata
      revokedBy {
        kind
        id
        name
      }
      revokedReason
      previousSecretLastUsedAt
      serviceAccount {
        id
        name
        enabled
        scope {
          ...ScopeChoice
          apiActive
          path {
            apiEnabled
          }
        }
      }
      effectiveGrants {
        ...GrantFields
        inheritedFrom {
          id
          name
        }
      }
      usage @include(if: $withUsage) {
        total
        accepted
        refused
        byCode {
          code
          count
        }
      }
    }
  }
`);

/** The usage of one key over time. */
export const KeyUsageQuery = graphql(`
  query KeyUsage($id: ID!, $from: DateTime!, $to: DateTime!, $bucket: TimeBucket!) {
    apiKey(id: $id) {
      id
      usageSeries(from: $from, to: $to, bucket: $bucket) {
        start
        accepted
        refused
      }
    }
  }
`);

// One row of the request log.
graphql(`
  fragment LogLine on RequestLog {
    id
    at
    code
    status
    method
    path
    permission
    ip
    userAgent
    latencyMicroseconds
  }
`);

/** The latest requests of one key. */
export const KeyLogsQuery = graphql(`
  query KeyLogs($id: ID!, $filter: RequestLogFilter, $first: Int, $after: String) {
    apiKey(id: $id) {
      id
      requestLogs(filter: $filter, first: $first, after: $after) {
        nodes {
          ...LogLine
        }
        pageInfo {
          hasNextPage
          endCursor
        }
        searchedTo
      }
    }
  }
`);

/** The live tail of one key's requests. */
export const LogTailSubscription = graphql(`
  subscription LogTail($filter: RequestLogFilter) {
    requestLogs(filter: $filter) {
      ...LogLine
    }
  }
`);

/** Explains why a pasted request is accepted or rejected. */
export const ExplainSignatureMutation = graphql(`
  mutation ExplainSignature($input: ExplainSignatureInput!) {
    explainSignature(input: $input) {
      passes
      code
      method
      url
      notes
      stringToSign
      steps {
        name
        outcome
        detail
      }
    }
  }
`);
