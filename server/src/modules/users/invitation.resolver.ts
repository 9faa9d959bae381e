import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Clock } from '../../core/clock.js';
import type { Directory } from '../access/decide/directory.js';
import { showGrants, type Grant } from '../access/decide/grant.js';
import { GrantInput } from '../access/decide/grant.input.js';
import { GrantType } from '../access/decide/grant.type.js';
import {
  authorize,
  authorizeReach,
  requirePerson,
  requirePrincipal,
  type RequestContext,
} from '../access/decide/principal.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';
import type { InvitationAcceptance } from './invitation-acceptance.js';
import { standingGrants, type Invitation } from './invitation.js';
import type { InvitationStore } from './invitation-store.postgres.js';
import { InvitationType, ReceivedInvitationType } from './invitation.type.js';
import type { Invitations } from './invitations.js';
import { issuedIn } from './issued-links.js';
import type { User } from './user.js';
import { invitedIn } from './user.resolver.js';
import { UserType } from './user.type.js';

export interface InvitationResolverDeps {
  readonly store: InvitationStore;
  readonly invitations: Invitations;
  readonly acceptance: InvitationAcceptance;
  readonly directory: Directory;
  readonly clock: Clock;
  /** Called after an invitation was accepted, so that open sessions get the new grants. */
  readonly accepted: () => void;
}

/** The user that an invitation represents, whether or not its recipient already has an account. */
const invitedUser = ({ userId, email, name, createdAt }: Invitation): User => ({
  id: userId,
  email,
  name,
  enabled: true,
  external: false,
  hasPassword: false,
  preferences: {},
  createdAt,
  lastSignInAt: null,
  version: 1,
  preferencesVersion: 1,
});

/** Invites people and accepts invitations. */
@Resolver(() => InvitationType)
export class InvitationResolver {
  constructor(private readonly deps: InvitationResolverDeps) {}

  @Query(() => [InvitationType], {
    description:
      'Pending invitations with a grant at a scope where the caller holds keywright.users.manage, newest first, at most 1,000.',
  })
  invitations(@Ctx() context: RequestContext): Promise<Invitation[]> {
    const reach = authorizeReach(context, 'keywright.users.manage');
    return this.deps.store.list(reach, new Date(this.deps.clock.now()));
  }

  @Query(() => ReceivedInvitationType, {
    nullable: true,
    description:
      'The pending invitation of a one-time link; needs no sign-in. Null for any other token. Error: UNAUTHENTICATED for ' +
      'any other token if the caller is not signed in.',
  })
  async receivedInvitation(
    @Ctx() context: RequestContext,
    @Arg('token', () => String) token: string,
  ): Promise<ReceivedInvitationType | null> {
    const { acceptance, directory } = this.deps;
    const invitation = await acceptance.find(token);
    if (!invitation) {
      requirePrincipal(context);
      return null;
    }
    const { email, name, issuer, expiresAt } = invitation;
    const grants = standingGrants(invitation.grants, directory).map(({ scopeId, roleId, permissions }) => {
      const role = roleId === null ? undefined : directory.role(roleId);
      return {
        role: role?.name ?? null,
        permissions: role?.permissions ?? permissions,
        scope: scopeId === ROOT_SCOPE.id ? null : directory.tree.get(scopeId)!.name,
      };
    });
    return { email, name, issuerName: issuer.name, expiresAt, grants };
  }

  @Mutation(() => UserType, {
    description:
      'Invites a person; the result is the same whether or not they have an account. With the one-time link (passwordLink returns ' +
      'it only here), a person without an account creates one with choosePassword, under the returned ID; a person with an ' +
      'account signs in and calls acceptInvitation. Nothing is granted until then. Needs keywright.users.manage and every permission that is granted. ' +
      'Errors: BAD_USER_INPUT, FORBIDDEN, GRANT_NOT_HELD, CONFLICT when too many invitations of the caller are pending.',
  })
  async inviteUser(
    @Ctx() context: RequestContext,
    @Arg('email', () => String) email: string,
    @Arg('name', () => String, { nullable: true }) name: string | null,
    @Arg('grants', () => [GrantInput]) grants: GrantInput[],
  ): Promise<User> {
    const by = authorize(context, 'keywright.users.manage');
    const invitation = await this.deps.invitations.invite(by, { email, name, grants });
    issuedIn(context).set(invitation.userId, invitation);
    invitedIn(context).set(invitation.userId, invitation.grants);
    return invitedUser(invitation);
  }

  @Mutation(() => InvitationType, {
    description:
      'A new link for a pending invitation; the previous link stops working, and the caller becomes the issuer. Needs the same permissions as inviting. ' +
      'Errors: NOT_FOUND, FORBIDDEN, GRANT_NOT_HELD.',
  })
  resendInvitation(@Ctx() context: RequestContext, @Arg('id', () => ID) id: string): Promise<InvitationType> {
    return this.deps.invitations.resend(authorize(context, 'keywright.users.manage'), id);
  }

  @Mutation(() => Boolean, {
    description:
      'Revokes a pending invitation. Needs keywright.users.manage at every scope that it grants access to, and every permission that it grants. Errors: NOT_FOUND, FORBIDDEN, GRANT_NOT_HELD.',
  })
  revokeInvitation(@Ctx() context: RequestContext, @Arg('id', () => ID) id: string): Promise<boolean> {
    return this.deps.invitations.revoke(authorize(context, 'keywright.users.manage'), id);
  }

  @Mutation(() => UserType, {
    description:
      'Accepts an invitation with its one-time link. The caller must be signed in as the user with its address. Errors: FORBIDDEN for an ' +
      'API key, for another address, for a link that has expired or was used, and if its issuer could no longer grant this; CONFLICT.',
  })
  async acceptInvitation(
    @Ctx() context: RequestContext,
    @Arg('token', () => String) token: string,
  ): Promise<User> {
    const user = await this.deps.acceptance.accept(requirePerson(context), token);
    this.deps.accepted();
    return user;
  }

  @Mutation(() => Boolean, {
    description:
      'Declines an invitation with its one-time link. The caller must be signed in as the user with its address. Errors: FORBIDDEN for an ' +
      'API key, for another address, and for a link that has expired or was used.',
  })
  declineInvitation(
    @Ctx() context: RequestContext,
    @Arg('token', () => String) token: string,
  ): Promise<boolean> {
    return this.deps.acceptance.decline(requirePerson(context), token);
  }

  @FieldResolver(() => [GrantType], {
    description: 'The grants received on acceptance, without those at scopes that the caller cannot see.',
  })
  grants(@Root() { grants }: Invitation, @Ctx() context: RequestContext): Grant[] {
    return showGrants(this.deps.directory, requirePrincipal(context).access, grants);
  }
}
