import type { Transaction } from '../../../core/transaction.js';
import type { Clock } from '../../../core/clock.js';
import { AppError } from '../../../core/errors.js';
import { hashToken, mintToken } from '../../../core/random-token.js';
import type { Actor } from '../../access/decide/actor.js';
import { domainEvent, type DomainEvent } from '../../events/domain-event.js';
import { LINK_LIFETIME_MS, type IssuedLink, type PasswordLinkMail } from './password-link.js';
import type { PasswordLinkStore } from './password-link-store.js';
import { issuedIn } from '../../users/issued-links.js';
import type { User } from '../../users/user.js';

export interface PasswordLinksDeps {
  readonly clock: Clock;
  readonly store: PasswordLinkStore;
  readonly mail: PasswordLinkMail;
  readonly publicUrl: () => string;
  readonly log: (message: string, error: unknown) => void;
}

/** The event of a newly issued link. */
export const linkCreated = ({ user: { id, name }, kind, expiresAt }: IssuedLink): DomainEvent =>
  domainEvent(
    'user.password_link_created',
    { type: 'User', id, name },
    { kind: { after: kind }, expiresAt: { after: expiresAt.toISOString() } },
  );

/** Creates one-time links for users to choose a password. A user has one open link; a new one replaces it. */
export class PasswordLinks {
  constructor(private readonly deps: PasswordLinksDeps) {}

  /**
   * Creates a link inside the transaction of the change that caused it, which records it ({@link linkCreated}): an
   * invitation for a user without a password, otherwise a reset. Call {@link deliver} after the commit; until then
   * `mailed` is false. Error: CONFLICT for a user who cannot use a password.
   */
  async issue(tx: Transaction, user: User, by: Actor): Promise<IssuedLink> {
    if (!user.enabled) throw new AppError('CONFLICT', 'This user is disabled. Enable the user first.');
    if (user.external)
      throw new AppError(
        'CONFLICT',
        'This user has no password; they sign in through the identity provider.',
      );
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
    await store.replace(tx, {
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

  /** Sends a link after its transaction has committed, and adds it to the response of this request. */
  async deliver(context: object, link: IssuedLink): Promise<IssuedLink> {
    const delivered = await this.send(link);
    issuedIn(context).set(link.user.id, delivered);
    return delivered;
  }

  /** Sends a link after its transaction has committed; `mailed` of the result tells whether it was sent. */
  async send(link: IssuedLink): Promise<IssuedLink> {
    const mailed = this.deps.mail.enabled && (await this.deps.mail.send(link));
    if (mailed) {
      // The message was sent; failing to record that makes no difference to its recipient.
      await this.deps.store
        .noteMailed(link.tokenHash)
        .catch((error: unknown) => this.deps.log('Could not record that a link was mailed.', error));
    }
    return { ...link, mailed };
  }

  /** Deletes expired links. */
  prune(): Promise<void> {
    return this.deps.store.prune(new Date(this.deps.clock.now()));
  }
}
