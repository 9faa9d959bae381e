import { badInput } from '../../core/errors.js';

/** Maximum number of keys that a subscription names: they stay in memory while it is open. */
const MAX_FOLLOWED_IDS = 100;

/** Error: BAD_USER_INPUT if a subscription names too many keys. */
export function requireFollowable(ids: readonly string[] | null | undefined, path: string): void {
  if (!ids || ids.length <= MAX_FOLLOWED_IDS) return;
  const message = `Follow at most ${MAX_FOLLOWED_IDS} keys in one subscription; leave them out to follow all.`;
  throw badInput([{ path, message }]);
}
