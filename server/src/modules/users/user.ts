import { MAX_NAME } from '@keywright/schema/bounds';
import { badInput, type FieldError } from '../../core/errors.js';
import { faultOfName } from '../../core/description.js';
import { fold, isPlainLine } from '../../core/text.js';
import type { Json } from '../scalars/json.js';

/** What a user keeps about the look of the pages: any JSON object up to 16 KB. */
export type Preferences = Readonly<Record<string, unknown>>;

/** A person who signs in. The password hash stays inside the stores. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Signs in through the identity provider, and never with a password. */
  readonly external: boolean;
  readonly hasPassword: boolean;
  readonly preferences: Preferences;
  readonly createdAt: Date;
  readonly lastSignInAt: Date | null;
  /** Grows with each change that people make, whoever makes it. */
  readonly version: number;
  /** Grows with each change of the preferences. */
  readonly preferencesVersion: number;
}

/** What a new user is made from. */
export interface NewUser {
  readonly email: string;
  readonly name: string;
  /** null: no password yet, so that the user cannot sign in with one. */
  readonly passwordHash: string | null;
}

/** How far a user has come. */
export type UserStatus = 'INVITED' | 'ACTIVE' | 'DISABLED';

/** How far the user has come: first match wins. */
export function statusOf({ enabled, external, hasPassword }: User): UserStatus {
  if (!enabled) return 'DISABLED';
  return hasPassword || external ? 'ACTIVE' : 'INVITED';
}

/** Whether a password lets this user in at all. */
export const mayUsePassword = ({ enabled, external }: User): boolean => enabled && !external;

const EMAIL =
  /^[^\s@"(),:;<>[\\\]]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i;
const MAX_EMAIL_LENGTH = 254;

/** Whether the text is an e-mail address. */
export const isEmail = (text: string): boolean =>
  text.length <= MAX_EMAIL_LENGTH && isPlainLine(text) && EMAIL.test(text);

/** E-mail addresses are compared trimmed and case-folded. */
export const foldEmail = (email: string): string => fold(email);

function nameFaults(name: string): FieldError[] {
  const message = faultOfName(name, MAX_NAME);
  return message === undefined ? [] : [{ path: 'name', message }];
}

/** Checks a name and trims it; error: BAD_USER_INPUT. */
export function parseUserName(text: string): string {
  const name = text.trim();
  const faults = nameFaults(name);
  if (faults.length > 0) throw badInput(faults);
  return name;
}

/** Checks the address and the name of a new user and trims them; error: BAD_USER_INPUT with the refused members. */
export function parseProfile(input: { readonly email: string; readonly name: string }): {
  email: string;
  name: string;
} {
  const email = input.email.trim();
  const name = input.name.trim();
  const faults: FieldError[] = [];
  if (!isEmail(email)) {
    faults.push({ path: 'email', message: 'This is not an e-mail address.' });
  }
  faults.push(...nameFaults(name));
  if (faults.length > 0) throw badInput(faults);
  return { email, name };
}

/** Checks that preferences are a JSON object (size and depth are the scalar's); error: BAD_USER_INPUT. */
export function parsePreferences(value: Json): Preferences {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw badInput([{ path: 'preferences', message: 'Preferences are a JSON object.' }]);
  }
  return value;
}
