import { describe, expect, it } from 'vitest';
import { checkPermission } from './form-state.js';

const draft = (name: string) => ({ name, label: 'Refunds', group: 'Billing', description: '' });
const taken = new Set(['view_invoice']);

describe('permission form', () => {
  it.each(['create_refund', 'billing.refund.create', 'a1'])('accepts %s', (name) => {
    expect(checkPermission(draft(name), taken)['name']).toBeNull();
  });

  it.each(['', 'Create Refund', 'billing.*', '*', '.refund', 'refund.', 'keywright.refund', 'view_invoice'])(
    'rejects %j',
    (name) => expect(checkPermission(draft(name), taken)['name']).not.toBeNull(),
  );

  it('requires a label and a group', () => {
    const faults = checkPermission({ ...draft('a'), label: ' ', group: '' }, taken);
    expect(faults['label']).not.toBeNull();
    expect(faults['group']).not.toBeNull();
  });

  it('enforces the limits of the server', () => {
    const long = {
      ...draft('a'),
      label: 'l'.repeat(101),
      group: 'g'.repeat(101),
      description: 'd'.repeat(501),
    };
    expect(Object.values(checkPermission(long, taken)).filter(Boolean)).toHaveLength(3);
    const fits = {
      ...draft('a'),
      label: '😀'.repeat(100),
      group: ` ${'g'.repeat(100)} `,
      description: 'd'.repeat(500),
    };
    expect(Object.values(checkPermission(fits, taken)).filter(Boolean)).toEqual([]);
  });
});
