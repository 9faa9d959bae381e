import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Directory } from '../access/decide/directory.js';
import { seesScope, showGrants, type Grant } from '../access/decide/grant.js';
import { GrantType } from '../access/decide/grant.type.js';
import { effectiveGrants } from '../access/decide/key-access.js';
import { requirePrincipal, type RequestContext } from '../access/decide/principal.js';
import type { Scope } from '../scopes/tree/scope.js';
import { ScopeType } from '../scopes/tree/scope.type.js';
import type { ApiKey } from './key.js';
import { ApiKeyType } from './key.type.js';

/** The scope of a key and its permissions by grant; from memory, so that a page of keys needs no query. */
@Resolver(() => ApiKeyType)
export class KeyAccessResolver {
  constructor(private readonly directory: Directory) {}

  @FieldResolver(() => ScopeType, {
    description: 'Scope of the key: anyone who can read keys there sees it.',
  })
  scope(@Root() key: ApiKey): Scope {
    return this.directory.tree.get(key.scopeId)!;
  }

  @FieldResolver(() => [String], {
    description:
      'Effective permissions: own, by role, inherited and narrowed; sorted. Excludes those at scopes that the caller cannot see.',
  })
  permissions(@Root() key: ApiKey, @Ctx() context: RequestContext): readonly string[] {
    const { access } = requirePrincipal(context);
    if (access.extent === 'EVERYTHING') return key.permissions;
    const seen = key.access.entries().filter(({ scopeId }) => seesScope(access, scopeId));
    return [...new Set(seen.flatMap(({ permissions }) => permissions))].sort();
  }

  @FieldResolver(() => [GrantType], {
    description:
      'Granted permissions and their scopes: own grants, then those of its service account. Excludes those at scopes that the caller cannot see.',
  })
  grants(@Root() key: ApiKey, @Ctx() context: RequestContext): Grant[] {
    const { access } = requirePrincipal(context);
    const inheritedFromId = key.serviceAccountId;
    const inherited =
      inheritedFromId === null ? [] : (this.directory.serviceAccount(inheritedFromId)?.grants ?? []);
    return showGrants(this.directory, access, [
      ...key.grants,
      ...inherited.map((grant) => ({ ...grant, inheritedFromId })),
    ]);
  }

  @FieldResolver(() => [GrantType], {
    description:
      'What verification checks, after narrowing: which permissions, at which scope, and from which grant.',
  })
  effectiveGrants(@Root() key: ApiKey, @Ctx() context: RequestContext): Grant[] {
    const { access } = requirePrincipal(context);
    return showGrants(this.directory, access, effectiveGrants(this.directory, key));
  }
}
