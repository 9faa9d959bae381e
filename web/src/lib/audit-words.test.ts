import { describe, expect, it } from 'vitest';
import { actionWords, changeLines } from './audit-words.js';

describe('audit words', () => {
  it('describe each action', () => {
    expect(actionWords('api_key.disabled')).toBe('disabled the key');
    expect(actionWords('api_key.overlap_ended')).toBe('ended the overlap of the old secret');
    expect(actionWords('user.two_factor_reset')).toBe('reset the second factor');
    expect(actionWords('role.deleted')).toBe('deleted the role');
  });

  it('show unknown actions unchanged', () => {
    expect(actionWords('api_key.painted_blue')).toBe('api key painted blue');
    expect(actionWords('user.paintBlue')).toBe('user paint blue');
    expect(actionWords('strange')).toBe('strange');
    expect(actionWords('constructor')).toBe('constructor');
  });

  it('read both formats of changes', () => {
    expect(changeLines({ name: { before: 'A', after: 'B' } })).toEqual([
      { field: 'name', before: 'A', after: 'B' },
    ]);
    expect(
      changeLines({ before: { name: 'A', enabled: true }, after: { name: 'B', enabled: true } }),
    ).toEqual([{ field: 'name', before: 'A', after: 'B' }]);
    expect(changeLines({ overlapSeconds: 60 })).toEqual([
      { field: 'overlap seconds', before: null, after: '60' },
    ]);
    expect(changeLines(null)).toEqual([]);
  });

  it('omit fields that are empty on both sides, and describe the others', () => {
    const after = {
      expiresAt: null,
      locked: false,
      rateLimits: [{ name: 'minute', limit: 5, windowSeconds: 60 }],
      quotas: [{ limit: 900, period: 'DAY' }],
    };
    expect(changeLines({ before: {}, after })).toEqual([
      { field: 'locked', before: null, after: 'no' },
      { field: 'rate limits', before: null, after: '5 per minute' },
      { field: 'quotas', before: null, after: '900 per calendar day' },
    ]);
  });
  it('describe grants, scopes and times', () => {
    const grants = [
      { scope: 'scp_00000000000000000000000000', role: 'Viewer' },
      { scope: 'scp_1', scopeName: 'Acme', permissions: ['view_invoice', 'customer.*'] },
      { scope: 'scp_2', scopeName: null, role: 'Operator' },
    ];
    expect(changeLines({ grants: { before: null, after: grants } })).toEqual([
      {
        field: 'grants',
        before: null,
        after: 'role Viewer, view_invoice, customer.* at Acme, role Operator at scp_2 (deleted)',
      },
    ]);
    expect(changeLines({ parent: { before: null, after: { scope: 'scp_1', scopeName: 'Acme' } } })).toEqual([
      { field: 'parent', before: null, after: 'Acme' },
    ]);
    const [line] = changeLines({ expiresAt: { after: '2026-03-04T12:00:00.000Z' } });
    expect(line?.after).toContain('Mar 2026');
  });
});
