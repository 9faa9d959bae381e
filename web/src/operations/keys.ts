import { graphql } from '../gql/index.js';

// Everything that a row of the table shows; every mutation answers with it, so that rows renew themselves.
graphql(`
  fragment KeyRow on ApiKey {
    id
    version
    name
    description
    kind
    signatureProfiles
    environment
    status
    inactiveReason
    heldReasons
    enabled
    locked
    maskedSecret
    permissions
    rateLimits {
      name
      limit
      windowSeconds
    }
    quotas {
      period
      limit
    }
    allowedCidrs
    expiresAt
    createdAt
    createdBy {
      kind
      id
      name
    }
    updatedAt
    revokedAt
    lastUsedAt
    overlapEndsAt
    scope {
      ...ScopeChoice
    }
    serviceAccount {
      id
      name
    }
    narrowed
  }
`);

graphql(`
  fragment PropagationFields on Propagation {
    changeToken
    nodes
    applied
    milliseconds
  }
`);

/** How far an earlier change has got. */
export const PropagationQuery = graphql(`
  query Propagation($changeToken: String!) {
    propagation(changeToken: $changeToken) {
      ...PropagationFields
    }
  }
`);

/** One page of keys. */
export const KeysQuery = graphql(`
  query Keys(
    $filter: ApiKeyFilter
    $sort: ApiKeySort
    $first: Int
    $after: String
    $last: Int
    $before: String
    $withUsage: Boolean!
  ) {
    apiKeys(filter: $filter, sort: $sort, first: $first, after: $after, last: $last, before: $before) {
      nodes {
        ...KeyRow
        usage @include(if: $withUsage) {
          total
        }
        usageTrend @include(if: $withUsage)
      }
      totalCount
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`);

/** A key as its form needs it, all of one version: its own grants tell those apart that it inherits. */
export const KeyAccessQuery = graphql(`
  query KeyAccess($id: ID!) {
    apiKey(id: $id) {
      ...KeyRow
      serviceAccount {
        ...ServiceAccountChoice
      }
      grants {
        ...GrantFields
        inheritedFrom {
          id
          name
        }
      }
    }
  }
`);

/** The names of what the list is narrowed to. */
export const FilterNamesQuery = graphql(`
  query FilterNames($account: ID!, $withAccount: Boolean!, $scope: ID!, $withScope: Boolean!) {
    serviceAccount(id: $account) @include(if: $withAccount) {
      ...ServiceAccountChoice
    }
    scope(id: $scope) @include(if: $withScope) {
      ...ScopeChoice
    }
  }
`);

/** The numbers in the widgets. */
export const KeyCountsQuery = graphql(`
  query KeyCounts {
    apiKeyCounts {
      total
      active
      expiringSoon
      expired
      inactive
      revoked
    }
  }
`);

/** The catalogue of permissions. */
export const PermissionsQuery = graphql(`
  query Permissions {
    permissions {
      name
      label
      group
      description
    }
  }
`);

/** Makes a key; the answer carries its secret, so it is only ever run with `no-cache`. */
export const CreateKeyMutation = graphql(`
  mutation CreateKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) {
      apiKey {
        ...KeyRow
      }
      secret {
        keyId
        secret
        apiUrl
        csv
      }
      propagation {
        ...PropagationFields
      }
    }
  }
`);

/** Changes a key. */
export const UpdateKeyMutation = graphql(`
  mutation UpdateKey($input: UpdateApiKeyInput!, $expectedVersion: Int) {
    updateApiKey(input: $input, expectedVersion: $expectedVersion) {
      apiKey {
        ...KeyRow
      }
      propagation {
        ...PropagationFields
      }
    }
  }
`);

/** Lets a disabled key work again. */
export const EnableKeyMutation = graphql(`
  mutation EnableKey($id: ID!) {
    change: enableApiKey(id: $id) {
      apiKey {
        ...KeyRow
      }
      propagation {
        ...PropagationFields
      }
    }
  }
`);

/** Stops a key until it is enabled again. */
export const DisableKeyMutation = graphql(`
  mutation DisableKey($id: ID!) {
    change: disableApiKey(id: $id) {
      apiKey {
        ...KeyRow
      }
      propagation {
        ...PropagationFields
      }
    }
  }
`);

/** Protects a key from being revoked. */
export const LockKeyMutation = graphql(`
  mutation LockKey($id: ID!) {
    change: lockApiKey(id: $id) {
      apiKey {
        ...KeyRow
      }
      propagation {
        ...PropagationFields
      }
    }
  }
`);

/** Takes that protection away. */
export const UnlockKeyMutation = graphql(`
  mutation UnlockKey($id: ID!) {
    change: unlockApiKey(id: $id) {
      apiKey {
        ...KeyRow
      }
      propagation {
        ...PropagationFields
      }
    }
  }
`);

/** Ends a key for good. */
export const RevokeKeyMutation = graphql(`
  mutation RevokeKey($id: ID!, $reason: String) {
    revokeApiKey(id: $id, reason: $reason) {
      apiKey {
        ...KeyRow
      }
      propagation {
        ...PropagationFields
      }
    }
  }
`);

/** Gives a key a new secret; only ever run with `no-cache`. */
export const RegenerateKeyMutation = graphql(`
  mutation RegenerateKey($id: ID!, $overlapSeconds: Int!, $idempotencyKey: String) {
    regenerateApiKey(id: $id, overlapSeconds: $overlapSeconds, idempotencyKey: $idempotencyKey) {
      apiKey {
        ...KeyRow
      }
      secret {
        keyId
        secret
        apiUrl
        csv
      }
      propagation {
        ...PropagationFields
      }
    }
  }
`);

/** Makes a second key with the same settings; only ever run with `no-cache`. */
export const DuplicateKeyMutation = graphql(`
  mutation DuplicateKey($id: ID!, $name: String!) {
    duplicateApiKey(id: $id, name: $name) {
      apiKey {
        ...KeyRow
      }
      secret {
        keyId
        secret
        apiUrl
        csv
      }
      propagation {
        ...PropagationFields
      }
    }
  }
`);

/** Ends the time in which the previous secret still works. */
export const EndOverlapMutation = graphql(`
  mutation EndOverlap($id: ID!) {
    change: endApiKeyOverlap(id: $id) {
      apiKey {
        ...KeyRow
      }
      propagation {
        ...PropagationFields
      }
    }
  }
`);

/** Verifies a credential for real; its variables hold the secret, so it is only ever run with `no-cache`. */
export const VerifyKeyMutation = graphql(`
  mutation VerifyKey($input: JSON!) {
    verifyApiKey(input: $input)
  }
`);

/** Disables the selected keys. */
export const BulkDisableMutation = graphql(`
  mutation BulkDisable($ids: [ID!]!) {
    bulkDisableApiKeys(ids: $ids) {
      succeeded
      failed {
        id
        code
        message
      }
      propagation {
        ...PropagationFields
      }
    }
  }
`);

/** Revokes the selected keys. */
export const BulkRevokeMutation = graphql(`
  mutation BulkRevoke($ids: [ID!]!, $reason: String) {
    bulkRevokeApiKeys(ids: $ids, reason: $reason) {
      succeeded
      failed {
        id
        code
        message
      }
      propagation {
        ...PropagationFields
      }
    }
  }
`);

/** Moves the end of the selected keys: to an instant (null: never), or by days. */
export const BulkExtendMutation = graphql(`
  mutation BulkExtend($ids: [ID!]!, $expiresAt: DateTime, $days: Int, $shorten: Boolean = false) {
    bulkExtendApiKeys(ids: $ids, expiresAt: $expiresAt, days: $days, shorten: $shorten) {
      succeeded
      failed {
        id
        code
        message
      }
      propagation {
        ...PropagationFields
      }
    }
  }
`);

/** What was counted since the previous tick of each key. */
export const UsageSubscription = graphql(`
  subscription Usage($apiKeyIds: [ID!]) {
    usage(apiKeyIds: $apiKeyIds) {
      at
      apiKeyId
      total
      accepted
      refused
      lastUsedAt
    }
  }
`);

/** Keys that anybody changed. */
export const KeyChangedSubscription = graphql(`
  subscription KeyChanged($ids: [ID!]) {
    apiKeyChanged(ids: $ids) {
      action
      apiKey {
        ...KeyRow
      }
    }
  }
`);
