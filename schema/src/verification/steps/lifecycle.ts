import type { KeyLifecycle } from '../key-facts.js';
import { lifecycleFault } from '../lifecycle.js';

/** A key must not be revoked, expired or disabled. */
export const checkLifecycle = (
  key: KeyLifecycle,
  _asked: unknown,
  nowMs: number,
): ReturnType<typeof lifecycleFault> => lifecycleFault(key, nowMs);
