import { mutate } from '../../apollo/mutate.js';
import { formatCount } from '../../lib/number.js';
import { DisableKeysOfUserMutation, EnableKeysOfUserMutation } from '../../operations/users.js';

/** How many keys were switched, and how many could not be. */
export interface SwitchedKeys {
  readonly done: number;
  readonly failed: number;
}

const MAX_CALLS = 200;

/** Disables the keys of a user with them, or enables them again: as many calls as it takes. */
export async function switchKeysOfUser(id: string, enabled: boolean): Promise<SwitchedKeys> {
  let done = 0;
  for (let call = 0; call < MAX_CALLS; call++) {
    const { succeeded, failed } = enabled
      ? (await mutate(EnableKeysOfUserMutation, { id })).enableKeysOfUser
      : (await mutate(DisableKeysOfUserMutation, { id })).disableKeysOfUser;
    done += succeeded.length;
    // Keys that cannot be switched come again with each call, so the last one tells how many these are.
    if (succeeded.length === 0) return { done, failed: failed.length };
  }
  return { done, failed: 0 };
}

/** A count of keys in words. */
export const keysText = (count: number): string => (count === 1 ? '1 key' : `${formatCount(count)} keys`);
