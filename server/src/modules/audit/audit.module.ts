import { ID_PREFIXES, isId } from '../../core/id.js';
import type { Module, ModuleDeps } from '../access/decide/module.js';
import { authorizeReach, type RequestContext } from '../access/decide/principal.js';
import { AuditRetention } from './audit-retention.postgres.js';
import { AuditStore } from './audit-store.postgres.js';
import { AuditEventResolver, AuditResolver } from './audit.resolver.js';

export interface AuditDeps extends ModuleDeps {
  /** undefined: audit events are kept forever. */
  readonly auditDays: number | undefined;
}

/** The audit log and its retention. */
export function createAudit({ dataSource, clock, directory, events, auditDays, log }: AuditDeps) {
  const store = new AuditStore(dataSource);
  const retention = new AuditRetention(dataSource, events, clock, auditDays);
  return {
    store,
    resolvers: [new AuditEventResolver(directory), new AuditResolver(store)],
    nodes: {
      aud: async (context: RequestContext, id: string) => {
        const reach = authorizeReach(context, 'keywright.audit.read');
        return isId(ID_PREFIXES.auditEvent, id) ? store.find(id, reach) : null;
      },
    },
    tidy: () =>
      retention.prune().catch((error: unknown) => log('Expired audit events could not be removed.', error)),
  } satisfies Module & { store: AuditStore };
}
