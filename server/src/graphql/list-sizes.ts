/** What a list that nothing is known of is taken to hold: rate limits, grants, counts by code. */
export const SHORT_LIST = 5;

/**
 * How many rows lists of objects without paging are taken to have when an operation is measured: what is usual for short
 * ones, and for long ones so many that few of them run at once. `row-budget.ts` bounds those that are far longer.
 */
export const LIST_SIZES: Readonly<Record<string, number>> = {
  'ApiKey.effectiveGrants': SHORT_LIST,
  'ApiKey.grants': SHORT_LIST,
  'ApiKey.quotas': SHORT_LIST,
  'ApiKey.rateLimits': SHORT_LIST,
  // Points are cheap, and up to 1,000 only for who asks for a chart of minutes.
  'ApiKey.usageSeries': 20,
  'BulkPayload.failed': 100,
  'Invitation.grants': SHORT_LIST,
  'OpenApiImport.operations': 500,
  'OpenApiImport.removed': 100,
  'Query.accessHolds': 100,
  'Query.invitations': 50,
  'Query.keyHolds': 100,
  'Query.permissions': 100,
  'Query.roles': 100,
  'Query.routeRules': 500,
  'Query.scopes': 100,
  'Query.singleSignOnRoles': 50,
  'Query.usage': 100,
  'Query.users': 50,
  'Query.verificationNodes': 20,
  'ReceivedInvitation.grants': SHORT_LIST,
  'Scope.children': 25,
  // The root, a customer, an organization and an account.
  'Scope.path': 4,
  'ServiceAccount.grants': SHORT_LIST,
  'SignatureExplanation.steps': 20,
  'UsagePoint.byCode': SHORT_LIST,
  'UsageTick.byCode': SHORT_LIST,
  'UsageTotals.byCode': SHORT_LIST,
  'User.grants': SHORT_LIST,
  'Viewer.access': SHORT_LIST,
  'Viewer.sessions': 20,
};
