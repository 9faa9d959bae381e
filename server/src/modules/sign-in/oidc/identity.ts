import { MAX_NAME } from '@keywright/schema/bounds';
import { isPlainLine, isStorableText, lengthOf } from '../../../core/text.js';
import { parseProfile } from '../../users/user.js';
import { SignInRefused } from './sign-in-refused.js';

const MAX_SUBJECT_LENGTH = 255;

/** Claims as received from a provider; their types are unknown. */
export type Claims = Readonly<Record<string, unknown>>;

/** A person as identified by the provider. */
export interface Identity {
  readonly issuer: string;
  /** Permanent id of the person at the issuer. */
  readonly subject: string;
  /** null: missing or unusable. */
  readonly email: string | null;
  /** Whether the address is verified to belong to the person; only then can it match an account. */
  readonly emailVerified: boolean;
  readonly name: string;
  readonly groups: readonly string[];
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;

function emailOf(claims: Claims): string | null {
  const email = textOf(claims['email']);
  try {
    return email === undefined ? null : parseProfile({ email, name: '-' }).email;
  } catch {
    return null;
  }
}

function nameOf(claims: Claims, email: string | null, subject: string): string {
  const names = [claims['name'], claims['preferred_username'], email, subject].map(textOf);
  const usable = names.find((name) => name !== undefined && isPlainLine(name)) ?? 'Unnamed';
  return lengthOf(usable) > MAX_NAME ? [...usable].slice(0, MAX_NAME).join('').trim() : usable;
}

/** Whether the ID token contains all claims; missing ones can be fetched from the userinfo endpoint. */
export const isComplete = (claims: Claims, groupsClaim: string): boolean =>
  [groupsClaim, 'email', 'email_verified', 'name'].every((name) => claims[name] !== undefined);

/**
 * Reads the claims of an ID token and, if it was requested, of userinfo. The address and its verification always come
 * from the same source. Error: {@link SignInRefused} if the subject cannot be stored.
 */
export function identityOf(idToken: Claims, userInfo: Claims, groupsClaim: string): Identity {
  const issuer = textOf(idToken['iss']);
  const subject = idToken['sub'];
  if (
    !issuer ||
    typeof subject !== 'string' ||
    !subject ||
    subject.length > MAX_SUBJECT_LENGTH ||
    !isStorableText(subject)
  ) {
    throw new SignInRefused(
      'failed',
      'The identity provider: the subject is too long or contains characters that cannot be stored',
    );
  }
  const sources = [idToken, userInfo].filter((claims) => emailOf(claims) !== null);
  const source = sources.find((claims) => claims['email_verified'] === true) ?? sources[0] ?? {};
  const email = emailOf(source);
  const groups = [idToken[groupsClaim] ?? userInfo[groupsClaim] ?? []].flat();
  return {
    issuer,
    subject,
    email,
    // Addresses are compared normalized. Equality only after normalization does not prove that it is that address.
    emailVerified: source['email_verified'] === true && email === email?.normalize('NFKC'),
    name: nameOf({ ...userInfo, ...idToken }, email, subject),
    groups: groups.filter((group) => typeof group === 'string'),
  };
}
