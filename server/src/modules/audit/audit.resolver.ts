import { Arg, Ctx, Int, Query, Resolver } from 'type-graphql';
import { authorizeAt, authorizeReach, type RequestContext } from '../access/principal.js';
import { toConnection } from '../scalars/connection.js';
import type { AuditVerification } from './audit-event.js';
import type { AuditStore } from './audit-store.postgres.js';
import { AuditEventConnection, AuditFilterInput, AuditVerificationType } from './audit.type.js';

/** Reads and verifies the audit log. */
@Resolver()
export class AuditResolver {
  constructor(private readonly store: AuditStore) {}

  @Query(() => AuditEventConnection, {
    description:
      'Audit events of the part of the tree where the caller holds keywright.audit.read, newest first.',
  })
  async auditEvents(
    @Ctx() context: RequestContext,
    @Arg('filter', () => AuditFilterInput, { nullable: true }) filter: AuditFilterInput | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
  ): Promise<unknown> {
    const reach = authorizeReach(context, 'keywright.audit.read');
    return toConnection(await this.store.list(filter ?? {}, { first, after }, reach));
  }

  @Query(() => AuditVerificationType, {
    description:
      'Walks the whole hash chain and says whether it holds. Needs keywright.audit.read at the root.',
  })
  async verifyAuditLog(@Ctx() context: RequestContext): Promise<AuditVerification> {
    authorizeAt(context, 'keywright.audit.read');
    return this.store.verify();
  }
}
