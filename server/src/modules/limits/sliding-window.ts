/** One rate limit of a key: at most `limit` units of cost in any `windowSeconds`. */
export interface LimitWindow {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

/** Two neighbouring buckets of one window length; `startMs` is where the current one begins. */
export interface WindowState {
  readonly startMs: number;
  readonly current: number;
  readonly previous: number;
}

/** A window in which nothing was used yet; buckets are aligned to the epoch, so that a restored one fits. */
export const emptyWindow = (windowMs: number, nowMs: number): WindowState => ({
  startMs: Math.floor(nowMs / windowMs) * windowMs,
  current: 0,
  previous: 0,
});

/**
 * The state as of now. A clock that stepped back moves the current bucket along with it and keeps what was used: it hands
 * out nothing and locks nobody out for longer than a window.
 */
export function advance(state: WindowState, windowMs: number, nowMs: number): WindowState {
  if (nowMs < state.startMs) return { ...state, startMs: nowMs };
  const passed = Math.floor((nowMs - state.startMs) / windowMs);
  if (passed === 0) return state;
  const startMs = state.startMs + passed * windowMs;
  return { startMs, current: 0, previous: passed === 1 ? state.current : 0 };
}

/** Units in use now: the current bucket, and of the previous one the share that the sliding window still overlaps. */
export function usedOf(state: WindowState, windowMs: number, nowMs: number): number {
  return state.current + state.previous * (1 - (nowMs - state.startMs) / windowMs);
}

/** Whether `cost` more units fit. */
export const fits = (
  state: WindowState,
  windowMs: number,
  limit: number,
  cost: number,
  nowMs: number,
): boolean => usedOf(state, windowMs, nowMs) + cost <= limit;

/** Milliseconds until `cost` units fit if nothing else is used; a cost above the limit waits for one whole window. */
export function waitFor(
  state: WindowState,
  windowMs: number,
  limit: number,
  cost: number,
  nowMs: number,
): number {
  if (fits(state, windowMs, limit, cost, nowMs)) return 0;
  const room = limit - cost;
  if (room < 0) return windowMs;
  const elapsed = nowMs - state.startMs;
  if (state.current <= room) return windowMs * (1 - (room - state.current) / state.previous) - elapsed;
  return windowMs - elapsed + windowMs * (1 - room / state.current);
}
