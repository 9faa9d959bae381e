import { expect, it } from 'vitest';
import { anyChanged, differences, initialValues } from './field-changes.js';

it('lists the fields that differ, whatever their order', () => {
  const before = { name: 'A', tags: ['x'], note: null as string | null };
  expect(differences(before, { note: 'new', tags: ['x'], name: 'B' })).toEqual({
    name: { before: 'A', after: 'B' },
    note: { before: null, after: 'new' },
  });
  expect(anyChanged(differences(before, { ...before, tags: ['x'] }))).toBe(false);
});

it('shows a new and a deleted object by the fields that have a value', () => {
  expect(differences(null, { name: 'A', note: null })).toEqual({ name: { before: null, after: 'A' } });
  expect(differences({ name: 'A', note: null }, null)).toEqual({ name: { before: 'A', after: null } });
});

it('shows every field of initial values', () => {
  expect(initialValues({ name: 'A', note: null })).toEqual({
    name: { before: null, after: 'A' },
    note: { before: null, after: null },
  });
});
