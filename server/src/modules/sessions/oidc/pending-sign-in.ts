import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../../core/clock.js';
import { cookieForm, readCookie } from '../../../core/cookie.js';
import type { SecretBox } from '../../../core/secret-box.js';

/** What is sealed, told from whatever else the key may come to seal. */
const ABOUT = ['pending sign-in'];

/** How long a person may take at the identity provider, in milliseconds. */
export const PENDING_MS = 600_000;

/** What the browser brings back from the identity provider's page, and nobody else knows. */
export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** Where to go afterwards: a path of this site. */
  readonly next: string;
}

interface Kept extends PendingSignIn {
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The cookie that carries a pending sign-in, sealed; it must come along from the provider's site, so it is Lax. */
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

  /** The Set-Cookie header that keeps it for ten minutes. */
  write(pending: PendingSignIn): string {
    const kept: Kept = { ...pending, expiresAt: this.clock.now() + PENDING_MS };
    const sealed = this.box.seal(Buffer.from(JSON.stringify(kept)), ABOUT).toString('base64url');
    return `${this.name}=${sealed}; Max-Age=${PENDING_MS / 1000}${this.attributes}`;
  }

  /** The Set-Cookie header that takes it away. */
  clear(): string {
    return `${this.name}=; Max-Age=0${this.attributes}`;
  }

  /** What a Cookie header carries; undefined when it is missing, doubled, not ours or too old. */
  read(header: string | undefined): PendingSignIn | undefined {
    const value = readCookie(header, this.name);
    const opened = value === undefined ? null : this.box.open(Buffer.from(value, 'base64url'), ABOUT);
    if (opened === null) return undefined;
    const kept = JSON.parse(opened.toString('utf8')) as Kept;
    return this.clock.now() < kept.expiresAt ? kept : undefined;
  }
}

/** Whether the provider's answer is the one to this sign-in. */
export function isAnswerTo(pending: PendingSignIn, state: string | null): boolean {
  const [expected, given] = [Buffer.from(pending.state), Buffer.from(state ?? '')];
  return expected.length === given.length && timingSafeEqual(expected, given);
}
