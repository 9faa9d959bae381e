import type { EntityManager } from 'typeorm';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import { perRequest } from '../../core/per-request.js';
import { hashToken, mintToken } from '../../core/random-token.js';
import type { Actor } from '../access/actor.js';
import type { Noted } from '../audit/change-runner.js';
import { LINK_LIFETIME_MS, type IssuedLink, type OpenLink, type PasswordLinkMail } from './password-link.js';
import type { PasswordLinkStore } from './password-link-store.js';
import type { User } from './user.js';

/** What links are made with. */
export interface PasswordLinksDeps {
  readonly clock: Clock;
  readonly store: PasswordLinkStore;
  readonly mail: PasswordLinkMail;
  readonly publicUrl: () => string;
  readonly log: (message: string, error: unknown) => void;
}

/** A link just issued, as the audit log tells it. */
export const notedLink = ({ user, kind, expiresAt }: IssuedLink): Noted => ({
  action: 'user.passwordLinkIssue',
  targetType: 'User' as const,
  targetId: user.id,
  targetName: user.name,
  changes: { kind: { after: kind }, expiresAt: { after: expiresAt.toISOString() } },
});

/** Links made while this request was answered, by user: only its answer tells their URLs. */
export const issuedIn = (context: object): Map<string, OpenLink & { readonly url: string }> =>
  perRequest(context, PasswordLinks, () => new Map<string, OpenLink & { readonly url: string }>());

/** Makes one-time links with which users choose a password. One link a user is open; each new one ends the last. */
export class PasswordLinks {
  constructor(private readonly deps: PasswordLinksDeps) {}

  /**
   * Makes a link inside the transaction of what led to it, which records it ({@link notedLink}): an invitation for a user
   * without a password, else a reset. Call {@link deliver} after the commit; until then `mailed` is false. Error: CONFLICT for a user who may not use a password.
   */
  async issue(manager: EntityManager, user: User, by: Actor): Promise<IssuedLink> {
    if (!user.enabled) throw new AppError('CONFLICT', 'This user is disabled. Enable the user first.');
    if (user.external) throw new AppError('CONFLICT', 'This user signs in through the identity provider.');
    const { clock, store, publicUrl } = this.deps;
    const now = clock.now();
    const token = mintToken();
    const kind = user.hasPassword ? 'RESET' : 'INVITATION';
    const link: IssuedLink = {
      url: `${publicUrl()}/choose-password#token=${token}`,
      kind,
      user,
      by,
      tokenHash: hashToken(token),
      expiresAt: new Date(now + LINK_LIFETIME_MS[kind]),
      mailed: false,
    };
    const { tokenHash, expiresAt, mailed } = link;
    await store.replace(manager, {
      userId: user.id,
      tokenHash,
      kind,
      createdAt: new Date(now),
      expiresAt,
      mailed,
      issuerKind: by.kind,
      issuerId: by.id,
    });
    return link;
  }

  /** Sends a link whose transaction is committed, and lets the answer to this request tell it. */
  async deliver(context: object, link: IssuedLink): Promise<IssuedLink> {
    const delivered = await this.send(link);
    issuedIn(context).set(link.user.id, delivered);
    return delivered;
  }

  /** Sends a link whose transaction is committed; the answer says in `mailed` whether it went out. */
  async send(link: IssuedLink): Promise<IssuedLink> {
    const mailed = this.deps.mail.enabled && (await this.deps.mail.send(link));
    if (mailed) {
      // It went out: that this could not be noted changes nothing for whoever gets it.
      await this.deps.store
        .noteMailed(link.tokenHash)
        .catch((error: unknown) => this.deps.log('That a link was mailed could not be noted.', error));
    }
    return { ...link, mailed };
  }

  /** Forgets links that have expired. */
  prune(): Promise<void> {
    return this.deps.store.prune(new Date(this.deps.clock.now()));
  }
}
