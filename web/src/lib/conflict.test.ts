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

  it('leaves out what nobody changed', () => {
    expect(compare(before, before, before)).toEqual([]);
  });

  it('keeps what only one side changed', () => {
    expect(compare(before, { name: 'A', on: false }, { name: 'B', on: true })).toEqual([
      ['Name', 'you', 'yours'],
      ['State', 'them', 'theirs'],
    ]);
  });

  it('asks where both changed the same, and undoes nothing by itself', () => {
    expect(compare(before, { ...before, name: 'B' }, { ...before, name: 'C' })).toEqual([
      ['Name', 'both', 'theirs'],
    ]);
  });

  it('asks nothing where both made the same change', () => {
    expect(compare(before, { ...before, name: 'B' }, { ...before, name: 'B' })).toEqual([
      ['Name', 'them', 'theirs'],
    ]);
  });
});

it('lines say what is gone, what is new and what was kept', () => {
  expect(markLines(['a', 'b'], ['b', 'c'])).toEqual([
    { text: 'a', mark: 'removed' },
    { text: 'b', mark: 'kept' },
    { text: 'c', mark: 'added' },
  ]);
});

it('only members that differ are sent', () => {
  const before = { name: 'A', enabled: true, ranges: ['192.0.2.1'], description: null };
  expect(changedMembers(before, { ...before, ranges: ['192.0.2.1'] })).toEqual({});
  expect(changedMembers<object>(before, { ...before, description: 'New' })).toEqual({ description: 'New' });
});
