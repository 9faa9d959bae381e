import { graphql } from '../gql/index.js';

// All fields of a table row; every mutation returns them, so that rows update.
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

// The result of a change of one key.
graphql(`
  fragment ChangedKey on ApiKeyPayload {
    apiKey {
      ...KeyRow
    }
    propagation {
      ...PropagationFields
    }
  }
`);

// A key with its new secret: always fetched with `no-cache`.
graphql(`
  fragment IssuedKey on IssuedApiKey {
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
`);

// The result of a change of several keys.
graphql(`
  fragment BulkResult on BulkPayload {
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
`);

/** The propagation of an earlier change. */
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

/** A key for its form, all at one version: its own grants are separate from inherited ones. */
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

/** The names of the objects that the list is filtered by. */
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

/** The counts in the widgets. */
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

/** The catalog of permissions. */
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

/** Creates a key; the result contains its secret, so always run it with `no-cache`. */
export const CreateKeyMutation = graphql(`
  mutation CreateKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) {
      ...IssuedKey
    }
  }
`);

/** Changes a key. */
export const UpdateKeyMutation = graphql(`
  mutation UpdateKey($input: UpdateApiKeyInput!, $expectedVersion: Int) {
    updateApiKey(input: $input, expectedVersion: $expectedVersion) {
      ...ChangedKey
    }
  }
`);

/** Enables a disabled key. */
export const EnableKeyMutation = graphql(`
  mutation EnableKey($id: ID!) {
    change: enableApiKey(id: $id) {
      ...ChangedKey
    }
  }
`);

/** Disables a key until it is enabled again. */
export const DisableKeyMutation = graphql(`
  mutation DisableKey($id: ID!) {
    change: disableApiKey(id: $id) {
      ...ChangedKey
    }
  }
`);

/** Locks a key, so that it cannot be revoked. */
export const LockKeyMutation = graphql(`
  mutation LockKey($id: ID!) {
    change: lockApiKey(id: $id) {
      ...ChangedKey
    }
  }
`);

/** Unlocks a key. */
export const UnlockKeyMutation = graphql(`
  mutation UnlockKey($id: ID!) {
    change: unlockApiKey(id: $id) {
      ...ChangedKey
    }
  }
`);

/** Revokes a key permanently. */
export const RevokeKeyMutation = graphql(`
  mutation RevokeKey($id: ID!, $reason: String) {
    revokeApiKey(id: $id, reason: $reason) {
      ...ChangedKey
    }
  }
`);

/** Regenerates the secret of a key; always run it with `no-cache`. */
export const RegenerateKeyMutation = graphql(`
  mutation RegenerateKey($id: ID!, $overlapSeconds: Int!, $idempotencyKey: String) {
    regenerateApiKey(id: $id, overlapSeconds: $overlapSeconds, idempotencyKey: $idempotencyKey) {
      ...IssuedKey
    }
  }
`);

/** Creates a second key with the same settings; always run it with `no-cache`. */
export const DuplicateKeyMutation = graphql(`
  mutation DuplicateKey($id: ID!, $name: String!) {
    duplicateApiKey(id: $id, name: $name) {
      ...IssuedKey
    }
  }
`);

/** Ends the overlap during which the previous secret still works. */
export const EndOverlapMutation = graphql(`
  mutation EndOverlap($id: ID!) {
    change: endApiKeyOverlap(id: $id) {
      ...ChangedKey
    }
  }
`);

/** Verifies a credential for real; its variables contain the secret, so always run it with `no-cache`. */
export const VerifyKeyMutation = graphql(`
  mutation VerifyKey($input: JSON!) {
    verifyApiKey(input: $input)
  }
`);

/** Disables the selected keys. */
export const BulkDisableMutation = graphql(`
  mutation BulkDisable($ids: [ID!]!) {
    bulkDisableApiKeys(ids: $ids) {
      ...BulkResult
    }
  }
`);

/** Revokes the selected keys. */
export const BulkRevokeMutation = graphql(`
  mutation BulkRevoke($ids: [ID!]!, $reason: String) {
    bulkRevokeApiKeys(ids: $ids, reason: $reason) {
      ...BulkResult
    }
  }
`);

/** Changes the expiry of the selected keys: to an instant (null: never), or by days. */
export const BulkExtendMutation = graphql(`
  mutation BulkExtend($ids: [ID!]!, $expiresAt: DateTime, $days: Int, $shorten: Boolean = false) {
    bulkExtendApiKeys(ids: $ids, expiresAt: $expiresAt, days: $days, shorten: $shorten) {
      ...BulkResult
    }
  }
`);

/** Usage since the previous tick of each key. */
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

/** Keys changed by anyone. */
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
