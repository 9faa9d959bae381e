import { badInput } from '../../core/errors.js';

/** Most keys that a subscription names: they are kept as long as it is open. */
const MAX_FOLLOWED_IDS = 100;

/** Error: BAD_USER_INPUT when a subscription names more keys than it may. */
export function requireFollowable(ids: readonly string[] | null | undefined, path: string): void {
  if (!ids || ids.length <= MAX_FOLLOWED_IDS) return;
  const message = `Follow at most ${MAX_FOLLOWED_IDS} keys in one subscription; leave them out to follow all.`;
  throw badInput([{ path, message }]);
}
