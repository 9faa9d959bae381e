import { Arg, Ctx, Int, Query, Resolver } from 'type-graphql';
import { authorize, type RequestContext } from '../access/principal.js';
import { toConnection } from '../scalars/connection.js';
import type { AuditVerification } from './audit-event.js';
import type { AuditStore } from './audit-store.postgres.js';
import { AuditEventConnection, AuditFilterInput, AuditVerificationType } from './audit.type.js';

/** Reads and verifies the audit log. */
@Resolver()
export class AuditResolver {
  constructor(private readonly store: AuditStore) {}

  @Query(() => AuditEventConnection, {
    description: 'Audit events, newest first. Needs keywright.audit.read.',
  })
  async auditEvents(
    @Ctx() context: RequestContext,
    @Arg('filter', () => AuditFilterInput, { nullable: true }) filter: AuditFilterInput | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null,
  ): Promise<unknown> {
    authorize(context, 'keywright.audit.read');
    return toConnection(await this.store.list(filter ?? {}, { first, after }));
  }

  @Query(() => AuditVerificationType, {
    description: 'Walks the whole hash chain and says whether it holds. Needs keywright.audit.read.',
  })
  async verifyAuditLog(@Ctx() context: RequestContext): Promise<AuditVerification> {
    authorize(context, 'keywright.audit.read');
    return this.store.verify();
  }
}
