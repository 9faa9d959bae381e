import { describe, expect, it } from 'vitest';
import { draftOf, newLimit } from './form-state.js';
import { describeDraft } from './summary.js';

const catalogue = [{ name: 'view_customer', label: 'View Customers', group: 'Customers', description: '' }];

describe('describeDraft', () => {
  it('says what a bare key is', () => {
    expect(describeDraft({ ...draftOf(), name: 'Sync' }, catalogue)).toBe(
      '“Sync” works in Production until it is revoked. It holds no permission, so it opens only what every valid key may call; from anywhere, without a rate limit.',
    );
  });

  it('names dates, limits, addresses and the lock', () => {
    const text = describeDraft(
      {
        ...draftOf(),
        enabled: false,
        expires: true,
        expiresOn: '2026-05-01',
        locked: true,
        permissions: ['*'],
        limits: [newLimit(100, 60), newLimit(5_000, 86_400)],
        addresses: '10.0.0.0/8',
      },
      catalogue,
    );
    expect(text).toContain('switched off');
    expect(text).toContain('until the end of 1 May 2026 (UTC)');
    expect(text).toContain('may do everything, also what is added later');
    expect(text).toContain('from 1 allowed range of addresses, at most 100 per minute and 5,000 per day.');
    expect(text).toContain('locked against revoking');
  });
});
