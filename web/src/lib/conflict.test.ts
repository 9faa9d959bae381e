import { describe, expect, it } from 'vitest';
import { changedMembers, compareDrafts, markLines, type FormField } from './conflict.js';

interface Draft {
  name: string;
  on: boolean;
}
const FIELDS: FormField<Draft>[] = [
  { label: 'Name', members: ['name'], value: ({ name }) => name, lines: ({ name }) => [name] },
  { label: 'State', members: ['on'], value: ({ on }) => on, lines: ({ on }) => [on ? 'On' : 'Off'] },
];
const compare = (before: Draft, theirs: Draft, yours: Draft) =>
  compareDrafts(FIELDS, before, theirs, yours).map(({ label, changedBy, choice }) => [
    label,
    changedBy,
    choice,
  ]);

describe('a comparison of drafts', () => {
  const before = { name: 'A', on: true };

  it('omits unchanged fields', () => {
    expect(compare(before, before, before)).toEqual([]);
  });

  it('keeps fields that only one side changed', () => {
    expect(compare(before, { name: 'A', on: false }, { name: 'B', on: true })).toEqual([
      ['Name', 'you', 'yours'],
      ['State', 'them', 'theirs'],
    ]);
  });

  it('reports fields that both sides changed, and undoes nothing by itself', () => {
    expect(compare(before, { ...before, name: 'B' }, { ...before, name: 'C' })).toEqual([
      ['Name', 'both', 'theirs'],
    ]);
  });

  it('reports no conflict if both sides made the same change', () => {
    expect(compare(before, { ...before, name: 'B' }, { ...before, name: 'B' })).toEqual([
      ['Name', 'them', 'theirs'],
    ]);
  });
});

it('lines show what was removed, added and kept', () => {
  expect(markLines(['a', 'b'], ['b', 'c'])).toEqual([
    { text: 'a', mark: 'removed' },
    { text: 'b', mark: 'kept' },
    { text: 'c', mark: 'added' },
  ]);
});

it('only fields that differ are sent', () => {
  const before = { name: 'A', enabled: true, ranges: ['192.0.2.1'], description: null };
  expect(changedMembers(before, { ...before, ranges: ['192.0.2.1'] })).toEqual({});
  expect(changedMembers<object>(before, { ...before, description: 'New' })).toEqual({ description: 'New' });
});
