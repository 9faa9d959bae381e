import { describe, expect, it } from 'vitest';
import { choiceOf, chosenFor, countWritten, type Operation } from './choices.js';

const operation = (over: Partial<Operation>): Operation => ({
  operation: 'GET /a',
  method: 'GET',
  pathPattern: '/a',
  summary: '',
  state: 'NEW',
  access: 'PERMISSION',
  permission: 'view_customer',
  needsPermission: false,
  proposal: 'a.read',
  scopeParameter: null,
  shadowedBy: null,
  notes: [],
  ...over,
});

describe('the choice for an operation', () => {
  it.each([
    [{}, 'view_customer', { permission: 'view_customer' }],
    [{ access: 'ANY_KEY', permission: null }, 'ANY_KEY', { access: 'ANY_KEY' }],
    [{ access: 'NOBODY', permission: null }, 'NOBODY', { access: 'NOBODY' }],
    [{ access: 'ANYBODY', permission: null }, 'ANYBODY', { access: 'ANYBODY' }],
    [{ state: 'SKIPPED', access: null, permission: null }, 'leave-out', { include: false }],
  ] as const)('is sent as shown: %j', (over, shown, sent) => {
    expect(chosenFor(operation(over))).toBe(shown);
    expect(choiceOf('GET /a', shown)).toEqual({ operation: 'GET /a', ...sent });
  });

  it('counts what an import would write', () => {
    const states = ['NEW', 'CHANGED', 'UNCHANGED', 'SKIPPED', 'REFUSED'] as const;
    expect(countWritten(states.map((state) => operation({ state })))).toBe(2);
  });
});
