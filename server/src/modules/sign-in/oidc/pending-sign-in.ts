import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../../core/clock.js';
import { cookieForm, readCookie } from '../../../core/cookie.js';
import type { SecretBox } from '../../../core/secret-box.js';

/** Context of the sealed value, so that the key can seal other things too. */
const ABOUT = ['pending sign-in'];

/** How long a person can spend at the identity provider, in milliseconds. */
export const PENDING_MS = 600_000;

/** What the browser brings back from the identity provider's page; nobody else knows it. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** Where to redirect after signing in: a path of this site. */
  readonly next: string;
}

interface Kept extends PendingSignIn {
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * The cookie with a sealed pending sign-in. It must be sent on the redirect from the provider's site, so it is
 * SameSite=Lax.
 */
export class PendingCookie {
  private readonly name: string;
  private readonly attributes: string;

  constructor(
    private readonly box: SecretBox,
    private readonly clock: Clock,
    secure: boolean,
    basePath = '',
  ) {
    ({ name: this.name, attributes: this.attributes } = cookieForm('keywright_oidc', secure, basePath));
  }

  /** The Set-Cookie header that stores it for ten minutes. */
  write(pending: PendingSignIn): string {
    const kept: Kept = { ...pending, expiresAt: this.clock.now() + PENDING_MS };
    const sealed = this.box.seal(Buffer.from(JSON.stringify(kept)), ABOUT).toString('base64url');
    return `${this.name}=${sealed}; Max-Age=${PENDING_MS / 1000}${this.attributes}`;
  }

  /** The Set-Cookie header that deletes it. */
  clear(): string {
    return `${this.name}=; Max-Age=0${this.attributes}`;
  }

  /** The pending sign-in in a Cookie header; undefined if the cookie is missing, duplicated, expired or not ours. */
  read(header: string | undefined): PendingSignIn | undefined {
    const value = readCookie(header, this.name);
    const opened = value === undefined ? null : this.box.open(Buffer.from(value, 'base64url'), ABOUT);
    if (opened === null) return undefined;
    const kept = JSON.parse(opened.toString('utf8')) as Kept;
    return this.clock.now() < kept.expiresAt ? kept : undefined;
  }
}

/** Whether the provider's response belongs to this sign-in. */
export function isAnswerTo(pending: PendingSignIn, state: string | null): boolean {
  const [expected, given] = [Buffer.from(pending.state), Buffer.from(state ?? '')];
  return expected.length === given.length && timingSafeEqual(expected, given);
}
