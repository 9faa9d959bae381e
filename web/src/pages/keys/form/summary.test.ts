import { describe, expect, it } from 'vitest';
import { newGrant } from '../../../lib/grants.js';
import { newAccess } from './access-draft.js';
import { newDraft, newLimit } from './form-state.js';
import { describeDraft } from './summary.js';

const catalog = [
  { name: 'view_customer', label: 'View Customers', group: 'Customers', description: '' },
  { name: 'ticket.create', label: 'Ticket Create', group: 'Tickets', description: '' },
  { name: 'ticket.read', label: 'Ticket Read', group: 'Tickets', description: '' },
];

describe('describeDraft', () => {
  it('describes a key without restrictions', () => {
    expect(describeDraft({ ...newDraft(), name: 'Sync' }, catalog)).toBe(
      '“Sync” works in Production until it is revoked. It has no permissions and reaches only endpoints open to any key. No IP restriction, rate limit or quota.',
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
      catalog,
    );
    expect(text).toContain('is disabled; once enabled, it works');
    expect(text).toContain('until the end of 1 May 2026 (UTC)');
    expect(text).toContain('can do everything, including what is added later');
    expect(text).toContain(
      'Allowed from 1 IP range; at most 100 per minute, 5,000 per day and 90,000 per calendar month.',
    );
    expect(text).toContain("locked and can't be revoked");
  });

  const name = (id: string) => ({ id, kind: 'CUSTOMER' as const, name: id });
  const acme = { ...name('Acme'), path: [name('Acme')] };
  const account = { id: 'sac_1', name: 'Billing', enabled: true, permissions: ['*'], scope: acme };
  const outcomeOf = (access: ReturnType<typeof newAccess>) =>
    describeDraft({ ...newDraft(), access }, catalog);

  it('names the scopes, and the scope of the key', () => {
    const text = outcomeOf({ ...newAccess(acme), permissions: ['view_customer'] });
    expect(text).toContain(
      'It can do this: View Customers, at Acme. No IP restriction, rate limit or quota.',
    );
    expect(text).toContain('Its scope is Acme.');
  });

  it('names the service account, and what is inherited', () => {
    const access = newAccess(null, account);
    expect(outcomeOf(access)).toContain('It can do everything that “Billing” can do. No IP restriction');
    expect(outcomeOf(access)).toContain('Its scope is Acme.');
    const narrowed = { ...access, narrowed: true };
    expect(outcomeOf(narrowed)).toContain('It gets none of the access of “Billing”');
    expect(outcomeOf({ ...narrowed, permissions: ['view_customer'] })).toContain(
      'It can do this: View Customers, limited to what “Billing” can do',
    );
  });

  it('counts roles', () => {
    const rows = [newGrant(acme), { ...newGrant(), source: 'permissions' as const }];
    expect(outcomeOf({ ...newAccess(), shape: 'rows', rows })).toContain(
      'It has 1 role and permissions of its own, at Acme and the whole installation',
    );
  });
});
