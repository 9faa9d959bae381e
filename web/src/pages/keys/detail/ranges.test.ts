import { describe, expect, it } from 'vitest';
import { fillBars, RANGES, windowOf } from './ranges.js';

const now = Date.parse('2026-03-04T12:34:56Z');
const day = RANGES[1];

describe('usage ranges', () => {
  it('requests whole buckets up to the end of the current one', () => {
    expect(windowOf(day, now)).toEqual({ from: '2026-03-03T13:00:00.000Z', to: '2026-03-04T13:00:00.000Z' });
  });

  it('draws a bar for every bucket', () => {
    const bars = fillBars(
      [{ start: '2026-03-04T12:00:00Z', accepted: 3, refused: 1 }],
      day,
      windowOf(day, now),
    );
    expect(bars).toHaveLength(24);
    expect(bars.at(-1)).toMatchObject({ accepted: 3, refused: 1 });
    expect(bars[0]).toMatchObject({ accepted: 0, refused: 0 });
  });
});
