import type { Actor } from '../access/actor.js';
import type { User } from './user.js';

const HOUR_MS = 3_600_000;

/** What a link is for: the first password of a user, or a new one. */
export type PasswordLinkKind = 'INVITATION' | 'RESET';

/** How long a link works. */
export const LINK_LIFETIME_MS: Readonly<Record<PasswordLinkKind, number>> = {
  INVITATION: 72 * HOUR_MS,
  RESET: HOUR_MS,
};

/** What may be told of a link at any time. */
export interface OpenLink {
  readonly expiresAt: Date;
  readonly mailed: boolean;
}

/** A link just made: the only time that its URL is known. */
export interface IssuedLink extends OpenLink {
  readonly url: string;
  readonly kind: PasswordLinkKind;
  readonly user: User;
  /** Who had it made. */
  readonly by: Actor;
  readonly tokenHash: Buffer;
}

/** Sends links by e-mail. Never throws, and never takes longer than a few seconds. */
export interface PasswordLinkMail {
  readonly enabled: boolean;
  /** Whether the mail server took it over. */
  send(link: IssuedLink): Promise<boolean>;
}
