import { describe, expect, it } from 'vitest';
import { scopeName, scopePathText, visiblePath, type ScopeName } from './scopes.js';

const root: ScopeName = { id: 'scp_0', kind: 'ROOT', name: 'Installation' };
const acme: ScopeName = { id: 'scp_1', kind: 'CUSTOMER', name: 'Acme' };
const retail: ScopeName = { id: 'scp_2', kind: 'ORGANIZATION', name: 'Retail' };

describe('scopes', () => {
  it('omit the root from their path', () => {
    expect(scopePathText({ ...retail, path: [root, acme, retail] })).toBe('Acme › Retail');
    expect(visiblePath([root, acme])).toEqual([acme]);
  });

  it('start where the reader can see', () => {
    expect(scopePathText({ ...retail, path: [retail] })).toBe('Retail');
  });

  it('name the root as the whole installation', () => {
    expect(scopeName(root)).toBe('Whole installation');
    expect(scopePathText({ ...root, path: [root] })).toBe('Whole installation');
    expect(scopePathText({ ...root, path: [] })).toBe('Whole installation');
  });
});
