import type { OperationRule, Rules } from '../rule.js';

const none = (): Record<string, never> => ({});
const span = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };

/** Rules of usage, logs, audit and license. */
export const reportRules: Rules<OperationRule> = {
  'Query.accessHolds': { needs: 'keywright.keys.read', at: 'root', variables: none },
  'Query.auditEvents': { needs: 'keywright.audit.read', at: 'anywhere', variables: none },
  'Query.eventTypes': { needs: 'keywright.events.read', at: 'anywhere', variables: none },
  'Query.events': { needs: 'keywright.events.read', at: 'anywhere', variables: none },
  'Query.keyHolds': { needs: 'keywright.keys.read', at: 'root', variables: none },
  'Query.license': { needs: 'keywright.keys.read', at: 'root', variables: none },
  'Query.requestLogs': { needs: 'keywright.logs.read', at: 'anywhere', variables: none },
  'Query.topKeys': { needs: 'keywright.usage.read', at: 'anywhere', variables: () => span },
  'Query.usage': {
    needs: 'keywright.usage.read',
    at: 'anywhere',
    variables: () => ({ ...span, bucket: 'HOUR' }),
  },
  'Query.verificationNodes': { needs: 'keywright.metrics.read', at: 'root', variables: none },
  'Query.verifyAuditLog': { needs: 'keywright.audit.read', at: 'root', variables: none },
  'Subscription.event': { needs: 'keywright.events.read', at: 'anywhere', variables: none },
  'Subscription.requestLogs': { needs: 'keywright.logs.read', at: 'anywhere', variables: none },
  'Subscription.usage': { needs: 'keywright.usage.read', at: 'anywhere', variables: none },
};
