import { Arg, Ctx, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Directory } from '../../access/decide/directory.js';
import { requirePrincipal, type Principal, type RequestContext } from '../../access/decide/principal.js';
import { EXPECTED_VERSION } from '../../graphql-types/expected-version.js';
import { JsonScalar, type Json } from '../../scalars/json.js';
import type { Scope } from '../../scopes/tree/scope.js';
import { parsePreferences, type User } from '../../users/user.js';
import type { UserStore } from '../../users/user-store.js';
import { requireUser } from '../passwords/own-account.js';
import type { OwnerSetUp } from '../set-up/owner-set-up.js';
import { InstallationType, ViewerType } from './session.type.js';
import type { TwoFactorPolicy } from '../second-factor/two-factor-policy.js';

/** The public part of the settings. */
export interface InstallationInfo {
  /** Known after the server has started to listen. */
  readonly publicUrl: () => string;
  readonly sandboxEnabled: boolean;
  readonly mailEnabled: boolean;
  readonly localSignIn: boolean;
  /** Label of the identity provider; null without one. */
  readonly singleSignOn: string | null;
  readonly version: string;
}

interface Viewer {
  readonly user: User | null;
  readonly permissions: readonly string[];
  readonly access: readonly { readonly scope: Scope; readonly permissions: readonly string[] }[];
  readonly preferences: unknown;
  readonly preferencesVersion: number;
}

/** The caller, and the installation they have reached. */
@Resolver()
export class ViewerResolver {
  constructor(
    private readonly users: UserStore,
    private readonly setUp: OwnerSetUp,
    private readonly directory: Directory,
    private readonly twoFactor: TwoFactorPolicy,
    private readonly info: InstallationInfo,
  ) {}

  @Query(() => ViewerType, { description: 'The caller. Error: UNAUTHENTICATED.' })
  viewer(@Ctx() context: RequestContext): Promise<Viewer> {
    return this.view(requirePrincipal(context));
  }

  @Query(() => InstallationType, {
    description: 'Public facts about this installation; needs no sign-in.',
  })
  async installation(@Ctx() context: RequestContext): Promise<InstallationType> {
    return {
      setupRequired: await this.setUp.required(),
      publicUrl: this.info.publicUrl(),
      sandboxEnabled: this.info.sandboxEnabled,
      localSignIn: this.info.localSignIn,
      singleSignOn: this.info.singleSignOn,
      mailEnabled: this.info.mailEnabled,
      twoFactorRequired: context.principal ? await this.twoFactor.required() : null,
      version: context.principal ? this.info.version : null,
    };
  }

  @Mutation(() => ViewerType, {
    description:
      'Replaces the preferences of the signed-in user. Errors: UNAUTHENTICATED, FORBIDDEN, BAD_USER_INPUT, CONFLICT.',
  })
  async savePreferences(
    @Ctx() context: RequestContext,
    @Arg('preferences', () => JsonScalar) preferences: Json,
    @Arg('expectedVersion', () => Int, EXPECTED_VERSION) expectedVersion: number | null,
  ): Promise<Viewer> {
    const principal = requireUser(context);
    await this.users.savePreferences(principal.userId, parsePreferences(preferences), expectedVersion);
    return this.view(principal);
  }

  private async view(principal: Principal): Promise<Viewer> {
    const { kind, id } = principal.actor;
    const user = kind === 'USER' && id ? await this.users.find(id) : null;
    const access = principal.access.entries().flatMap(({ scopeId, permissions }) => {
      const scope = this.directory.tree.get(scopeId);
      return scope ? [{ scope, permissions }] : [];
    });
    const permissions = principal.access.anywhere.list();
    const { preferences, preferencesVersion } = user ?? { preferences: {}, preferencesVersion: 0 };
    return { user, permissions, access, preferences, preferencesVersion };
  }
}
