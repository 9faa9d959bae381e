import { mutate } from '../../apollo/mutate.js';
import { formatCount } from '../../lib/number.js';
import { DisableKeysOfUserMutation, EnableKeysOfUserMutation } from '../../operations/users.js';

/** The number of keys switched, and of those that could not be. */
export interface SwitchedKeys {
  readonly done: number;
  readonly failed: number;
}

const MAX_CALLS = 200;

/** Disables or enables the keys of a user, in as many calls as needed. */
export async function switchKeysOfUser(id: string, enabled: boolean): Promise<SwitchedKeys> {
  let done = 0;
  for (let call = 0; call < MAX_CALLS; call++) {
    const { succeeded, failed } = enabled
      ? (await mutate(EnableKeysOfUserMutation, { id })).enableKeysOfUser
      : (await mutate(DisableKeysOfUserMutation, { id })).disableKeysOfUser;
    done += succeeded.length;
    // Each call returns the keys that cannot be switched again, so the last call has their number.
    if (succeeded.length === 0) return { done, failed: failed.length };
  }
  return { done, failed: 0 };
}

/** A count of keys in words. */
export const keysText = (count: number): string => (count === 1 ? '1 key' : `${formatCount(count)} keys`);
