import { Ctx, FieldResolver, Resolver } from 'type-graphql';
import type { RequestContext } from '../access/decide/principal.js';
import { ViewerType } from '../sign-in/sessions/session.type.js';
import { keyLoader } from './key-loader.js';
import type { KeyStore } from './key-store.js';
import type { ApiKey } from './key.js';
import { ApiKeyType } from './key.type.js';

/** The calling key, which asks for its own identity. */
@Resolver(() => ViewerType)
export class ViewerKeyResolver {
  constructor(private readonly keys: KeyStore) {}

  @FieldResolver(() => ApiKeyType, {
    nullable: true,
    description: 'The calling API key; null for a user. A key can always read itself.',
  })
  async apiKey(@Ctx() context: RequestContext): Promise<ApiKey | null> {
    const actor = context.principal?.actor;
    return actor?.kind === 'API_KEY' && actor.id ? keyLoader(context, this.keys).load(actor.id) : null;
  }
}
