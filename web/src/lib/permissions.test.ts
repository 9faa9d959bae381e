import { describe, expect, it } from 'vitest';
import {
  groupPermissions,
  isWildcard,
  permissionsSummary,
  presetOf,
  presetPermissions,
  unlisted,
  wildcardOver,
  wildcardsOf,
} from './permissions.js';

const entry = (group: string, name: string, label: string) => ({ group, name, label, description: '' });
const catalogue = [
  entry('Customers', 'view_customer', 'View Customers'),
  entry('Customers', 'create_customer', 'Create Customers'),
  entry('Inventory', 'device.read', 'Device Read'),
  entry('Keywright', 'keywright.keys.read', 'Keys: read'),
  entry('Admin', '*', 'Admin'),
];
const labels = new Map(catalogue.map(({ name, label }) => [name, label]));

describe('permissions', () => {
  it('never puts Admin or management permissions into a preset', () => {
    expect(presetPermissions('full', catalogue)).toEqual(['view_customer', 'create_customer', 'device.read']);
    expect(presetPermissions('read', catalogue)).toEqual(['view_customer', 'device.read']);
  });
  it('recognises the preset of a selection', () => {
    expect(presetOf(['device.read', 'view_customer'], catalogue)).toBe('read');
    expect(presetOf(['device.read'], catalogue)).toBe('custom');
    expect(presetOf([], catalogue)).toBe('custom');
  });
  it('summarises', () => {
    expect(permissionsSummary([], labels)).toBe('None');
    expect(permissionsSummary(['*', 'x'], labels)).toBe('Admin (all)');
    expect(permissionsSummary(['view_customer', 'device.read'], labels)).toBe('View Customers +1');
  });
  it('groups and searches', () => {
    expect(groupPermissions(catalogue, 'device')).toEqual([{ name: 'Inventory', entries: [catalogue[2]] }]);
    expect(groupPermissions(catalogue, '').map(({ name }) => name)).toEqual([
      'Customers',
      'Inventory',
      'Keywright',
    ]);
  });
  it('knows the wildcards that stand for something', () => {
    expect(wildcardsOf(catalogue)).toEqual(['device.*', 'keywright.*', 'keywright.keys.*']);
    expect(isWildcard('keywright.keys.*')).toBe(true);
    for (const text of ['*', 'customer', 'customer*', '.*', 'Customer.*'])
      expect(isWildcard(text)).toBe(false);
  });
  it('finds the wildcard over a permission, and what is not in the catalogue', () => {
    const chosen = ['view_customer', 'keywright.*', 'gone.read', '*'];
    expect(wildcardOver('keywright.keys.read', chosen)).toBe('keywright.*');
    expect(wildcardOver('view_customer', chosen)).toBeUndefined();
    expect(unlisted(chosen, catalogue)).toEqual(['keywright.*', 'gone.read']);
  });
});
