import { Ctx, Query, Resolver } from 'type-graphql';
import { authorizeAt, type RequestContext } from '../access/decide/principal.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';
import type { ProcessRegistry } from './process-registry.js';
import { VerificationProcessType } from './process.type.js';

/** Lists the processes of this installation. */
@Resolver()
export class ProcessStatusResolver {
  constructor(private readonly registry: ProcessRegistry) {}

  @Query(() => [VerificationProcessType], {
    description:
      'The processes of this installation and their status. Needs keywright.metrics.read for the whole installation.',
  })
  async verificationNodes(@Ctx() context: RequestContext): Promise<VerificationProcessType[]> {
    authorizeAt(context, 'keywright.metrics.read', ROOT_SCOPE.id);
    const nodes = await this.registry.list();
    return nodes.map(({ lostEvents, lostIsMinimum, applied: _, ...node }) => ({
      ...node,
      lostCount: lostEvents,
      lostCountIsMinimum: lostIsMinimum,
    }));
  }
}
