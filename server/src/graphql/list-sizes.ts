/** Assumed size of lists that are usually short: rate limits, grants, counts by code. */
export const SHORT_LIST = 5;

/**
 * Assumed sizes of object lists without paging, for measuring operations: the usual size of short lists, and sizes of long
 * lists that are high enough to let few of them run at the same time. `row-budget.ts` bounds lists that turn out far longer.
 */
export const LIST_SIZES: Readonly<Record<string, number>> = {
  'ApiKey.effectiveGrants': SHORT_LIST,
  'ApiKey.grants': SHORT_LIST,
  'ApiKey.quotas': SHORT_LIST,
  'ApiKey.rateLimits': SHORT_LIST,
  // Points are cheap, and only a chart by the minute has up to 1,000.
  'ApiKey.usageSeries': 20,
  'BulkPayload.failed': 100,
  'Invitation.grants': SHORT_LIST,
  'OpenApiImport.operations': 500,
  'OpenApiImport.removed': 100,
  'Query.accessHolds': 100,
  'Query.eventTypes': 100,
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
  // Root, customer, organization and account.
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
