/** How far the time of a signature may lie from ours, in milliseconds. */
export const TOLERANCE_MS = 300_000;

const SECONDS = /^(?:0|[1-9]\d*)$/;

/** Unix seconds written in plain decimal digits, as milliseconds; null for any other text. */
export const parseSeconds = (text: string): number | null =>
  SECONDS.test(text) ? Number(text) * 1000 : null;

/** Whether a moment is at most the tolerance away from now, before or after. */
export const isAbout = (atMs: number, nowMs: number): boolean => Math.abs(atMs - nowMs) <= TOLERANCE_MS;
