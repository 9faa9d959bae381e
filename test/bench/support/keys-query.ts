/** The query of the keys page, with every column of its table. */
export const KEYS_QUERY = `query Keys($filter: ApiKeyFilter, $sort: ApiKeySort, $first: Int, $after: String) {
  apiKeys(filter: $filter, sort: $sort, first: $first, after: $after) {
    nodes {
      id name description kind environment status enabled locked maskedSecret permissions
      rateLimits { name limit windowSeconds } allowedCidrs expiresAt createdAt createdBy { kind id name } updatedAt
      revokedAt lastUsedAt overlapEndsAt usage { total } usageTrend
    }
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
