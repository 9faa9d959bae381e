import { describe, expect, it } from 'vitest';
import { survivesRestart } from './limit-rules.js';

const minute = { name: 'minute', limit: 5, windowSeconds: 60 };
const hour = { name: 'hour', limit: 5, windowSeconds: 3600 };

describe('rules of limits', () => {
  it('survive a restart with a quota or a window of an hour or more', () => {
    expect(survivesRestart({ windows: [], quotas: [] })).toBe(false);
    expect(survivesRestart({ windows: [minute, { ...hour, windowSeconds: 3599 }], quotas: [] })).toBe(false);
    expect(survivesRestart({ windows: [minute, hour], quotas: [] })).toBe(true);
    expect(survivesRestart({ windows: [minute], quotas: [{ period: 'MONTH', limit: 1 }] })).toBe(true);
  });
});
