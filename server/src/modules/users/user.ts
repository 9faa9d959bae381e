import { MAX_NAME } from '@keywright/schema/bounds';
import { badInput, type FieldError } from '../../core/errors.js';
import { faultOfName } from '../../core/description.js';
import { fold, isPlainLine } from '../../core/text.js';
import type { Json } from '../scalars/json.js';

/** Display preferences of a user: any JSON object up to 16 KB. */
export type Preferences = Readonly<Record<string, unknown>>;

/** A person who signs in. The password hash never leaves the stores. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Signs in through the identity provider, never with a password. */
  readonly external: boolean;
  readonly hasPassword: boolean;
  readonly preferences: Preferences;
  readonly createdAt: Date;
  readonly lastSignInAt: Date | null;
  /** Incremented by every edit, no matter who makes it. */
  readonly version: number;
  /** Incremented by every change of the preferences. */
  readonly preferencesVersion: number;
}

/** Input for creating a user. */
export interface NewUser {
  readonly email: string;
  readonly name: string;
  /** null: no password yet, so the user cannot sign in with one. */
  readonly passwordHash: string | null;
}

/** Status of a user. */
export type UserStatus = 'INVITED' | 'ACTIVE' | 'DISABLED';

/** The status of the user: first match wins. */
export function statusOf({ enabled, external, hasPassword }: User): UserStatus {
  if (!enabled) return 'DISABLED';
  return hasPassword || external ? 'ACTIVE' : 'INVITED';
}

/** Whether this user can sign in with a password at all. */
export const mayUsePassword = ({ enabled, external }: User): boolean => enabled && !external;

const EMAIL =
  /^[^\s@"(),:;<>[\\\]]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i;
const MAX_EMAIL_LENGTH = 254;

/** Whether the text is an e-mail address. */
export const isEmail = (text: string): boolean =>
  text.length <= MAX_EMAIL_LENGTH && isPlainLine(text) && EMAIL.test(text);

/** Normalizes an e-mail address for comparison: trimmed and case-folded. */
export const foldEmail = (email: string): string => fold(email);

function nameFaults(name: string): FieldError[] {
  const message = faultOfName(name, MAX_NAME);
  return message === undefined ? [] : [{ path: 'name', message }];
}

/** Validates and trims a name. Error: BAD_USER_INPUT. */
export function parseUserName(text: string): string {
  const name = text.trim();
  const faults = nameFaults(name);
  if (faults.length > 0) throw badInput(faults);
  return name;
}

/**
 * Validates and trims the address and the name of a new user. Error: BAD_USER_INPUT, which lists the invalid fields.
 */
export function parseProfile(input: { readonly email: string; readonly name: string }): {
  email: string;
  name: string;
} {
  const email = input.email.trim();
  const name = input.name.trim();
  const faults: FieldError[] = [];
  if (!isEmail(email)) {
    faults.push({ path: 'email', message: 'This is not a valid e-mail address.' });
  }
  faults.push(...nameFaults(name));
  if (faults.length > 0) throw badInput(faults);
  return { email, name };
}

/** Checks that preferences are a JSON object (the scalar limits size and depth). Error: BAD_USER_INPUT. */
export function parsePreferences(value: Json): Preferences {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw badInput([{ path: 'preferences', message: 'Preferences must be a JSON object.' }]);
  }
  return value;
}
