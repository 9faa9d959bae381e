import type { Actor } from '../../access/decide/actor.js';
import type { OpenLink } from '../../users/issued-links.js';
import type { User } from '../../users/user.js';

const HOUR_MS = 3_600_000;

/** Purpose of a link: the first password of a user, or a new one. */
export type PasswordLinkKind = 'INVITATION' | 'RESET';

/** Lifetime of a link, in milliseconds. */
export const LINK_LIFETIME_MS: Readonly<Record<PasswordLinkKind, number>> = {
  INVITATION: 72 * HOUR_MS,
  RESET: HOUR_MS,
};

/** A newly created link. Its URL is known only now. */
export interface IssuedLink extends OpenLink {
  readonly url: string;
  readonly kind: PasswordLinkKind;
  readonly user: User;
  /** Who requested it. */
  readonly by: Actor;
  readonly tokenHash: Buffer;
}

/** Sends links by e-mail. Never throws, and returns within a few seconds. */
export interface PasswordLinkMail {
  readonly enabled: boolean;
  /** Whether the mail server accepted the message. */
  send(link: IssuedLink): Promise<boolean>;
}
