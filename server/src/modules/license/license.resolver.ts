import { Ctx, Query, Resolver } from 'type-graphql';
import { authorizeAt, type RequestContext } from '../access/decide/principal.js';
import type { LicenseService, LicenseState } from './license-service.js';
import { LicenseType } from './license.type.js';

/** Reads the license. */
@Resolver()
export class LicenseResolver {
  constructor(private readonly licenses: LicenseService) {}

  @Query(() => LicenseType, {
    description: 'The limit on keys and the current number of keys. Needs keywright.keys.read at the root.',
  })
  async license(@Ctx() context: RequestContext): Promise<LicenseState> {
    authorizeAt(context, 'keywright.keys.read');
    return this.licenses.state();
  }
}
