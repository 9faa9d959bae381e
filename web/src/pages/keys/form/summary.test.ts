import { describe, expect, it } from 'vitest';
import { newGrant } from '../../../lib/grants.js';
import { newAccess } from './access-draft.js';
import { newDraft, newLimit } from './form-state.js';
import { describeDraft } from './summary.js';

const catalogue = [
  { name: 'view_customer', label: 'View Customers', group: 'Customers', description: '' },
  { name: 'ticket.create', label: 'Ticket Create', group: 'Tickets', description: '' },
  { name: 'ticket.read', label: 'Ticket Read', group: 'Tickets', description: '' },
];

describe('describeDraft', () => {
  it('says what a bare key is', () => {
    expect(describeDraft({ ...newDraft(), name: 'Sync' }, catalogue)).toBe(
      '“Sync” works in Production until it is revoked. It holds no permission, so it opens only what every valid key may call; from anywhere, without rate limit or quota.',
    );
  });

  it('names dates, limits, addresses and the lock', () => {
    const text = describeDraft(
      {
        ...newDraft(),
        enabled: false,
        expires: true,
        expiresOn: '2026-05-01',
        locked: true,
        access: { ...newAccess(), permissions: ['*'] },
        limits: [newLimit(100, 60), newLimit(5_000, 86_400)],
        quotas: { day: null, month: 90_000 },
        addresses: '10.0.0.0/8',
      },
      catalogue,
    );
    expect(text).toContain('switched off');
    expect(text).toContain('until the end of 1 May 2026 (UTC)');
    expect(text).toContain('may do everything, also what is added later');
    expect(text).toContain(
      'from 1 allowed range of addresses, at most 100 per minute, 5,000 per day and 90,000 per calendar month.',
    );
    expect(text).toContain('locked against revoking');
  });

  const name = (id: string) => ({ id, kind: 'CUSTOMER' as const, name: id });
  const acme = { ...name('Acme'), path: [name('Acme')] };
  const account = { id: 'sac_1', name: 'Billing', enabled: true, permissions: ['*'], scope: acme };
  const told = (access: ReturnType<typeof newAccess>) => describeDraft({ ...newDraft(), access }, catalogue);

  it('names the scopes, and where the key lies', () => {
    const text = told({ ...newAccess(acme), permissions: ['view_customer'] });
    expect(text).toContain('It may do this: View Customers, at Acme; from anywhere');
    expect(text).toContain('It lies at Acme.');
  });

  it('names the service account, and what is kept of it', () => {
    const access = newAccess(null, account);
    expect(told(access)).toContain('It may do whatever “Billing” may do; from anywhere');
    expect(told(access)).toContain('It lies at Acme.');
    const narrowed = { ...access, narrowed: true };
    expect(told(narrowed)).toContain('It keeps nothing of what “Billing” may do');
    expect(told({ ...narrowed, permissions: ['view_customer'] })).toContain(
      'It may do this: View Customers, as far as “Billing” may do that',
    );
  });

  it('counts roles', () => {
    const rows = [newGrant(acme), { ...newGrant(), source: 'permissions' as const }];
    expect(told({ ...newAccess(), shape: 'rows', rows })).toContain(
      'It holds 1 role and permissions of its own, at Acme and the whole installation',
    );
  });
});
