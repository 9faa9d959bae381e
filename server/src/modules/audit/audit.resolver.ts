import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import type { Directory } from '../access/decide/directory.js';
import {
  authorizeAt,
  authorizeReach,
  requirePrincipal,
  type RequestContext,
} from '../access/decide/principal.js';
import { toConnection } from '../graphql-types/connection.js';
import { JsonScalar } from '../scalars/json.js';
import { showChanges } from '../events/shown-changes.js';
import type { AuditEvent, AuditVerification } from './audit-event.js';
import type { AuditStore } from './audit-store.postgres.js';
import {
  AuditEventConnection,
  AuditEventType,
  AuditFilterInput,
  AuditVerificationType,
} from './audit.type.js';

/** The changes of an event, limited to what the viewer can see. */
@Resolver(() => AuditEventType)
export class AuditEventResolver {
  constructor(private readonly directory: Directory) {}

  @FieldResolver(() => JsonScalar, {
    description:
      'Changed fields, each with before and after. Never contains a secret. Scopes include their names; those that the caller cannot see are left out.',
  })
  changes(@Root() event: AuditEvent, @Ctx() context: RequestContext): unknown {
    return showChanges(event.changes, this.directory, requirePrincipal(context).access);
  }
}

/** Reads and verifies the audit log. */
@Resolver()
export class AuditResolver {
  constructor(private readonly store: AuditStore) {}

  @Query(() => AuditEventConnection, {
    description: 'Audit events at scopes where the caller holds keywright.audit.read, newest first.',
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
    description: 'Verifies the whole hash chain. Needs keywright.audit.read at the root.',
  })
  async verifyAuditLog(@Ctx() context: RequestContext): Promise<AuditVerification> {
    authorizeAt(context, 'keywright.audit.read');
    return this.store.verify();
  }
}
