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
const catalog = [
  entry('Customers', 'view_customer', 'View Customers'),
  entry('Customers', 'create_customer', 'Create Customers'),
  entry('Inventory', 'device.read', 'Device Read'),
  entry('Keywright', 'keywright.keys.read', 'Keys: read'),
  entry('Admin', '*', 'Admin'),
];
const labels = new Map(catalog.map(({ name, label }) => [name, label]));

describe('permissions', () => {
  it('never puts Admin or management permissions into a preset', () => {
    expect(presetPermissions('full', catalog)).toEqual(['view_customer', 'create_customer', 'device.read']);
    expect(presetPermissions('read', catalog)).toEqual(['view_customer', 'device.read']);
  });
  it('recognizes the preset of a selection', () => {
    expect(presetOf(['device.read', 'view_customer'], catalog)).toBe('read');
    expect(presetOf(['device.read'], catalog)).toBe('custom');
    expect(presetOf([], catalog)).toBe('custom');
  });
  it('summarizes', () => {
    expect(permissionsSummary([], labels)).toBe('None');
    expect(permissionsSummary(['*', 'x'], labels)).toBe('Admin (all)');
    expect(permissionsSummary(['view_customer', 'device.read'], labels)).toBe('View Customers +1');
  });
  it('groups and searches', () => {
    expect(groupPermissions(catalog, 'device')).toEqual([{ name: 'Inventory', entries: [catalog[2]] }]);
    expect(groupPermissions(catalog, '').map(({ name }) => name)).toEqual([
      'Customers',
      'Inventory',
      'Keywright',
    ]);
  });
  it('lists the wildcards that match something', () => {
    expect(wildcardsOf(catalog)).toEqual(['device.*', 'keywright.*', 'keywright.keys.*']);
    expect(isWildcard('keywright.keys.*')).toBe(true);
    for (const text of ['*', 'customer', 'customer*', '.*', 'Customer.*'])
      expect(isWildcard(text)).toBe(false);
  });
  it('finds the wildcard that covers a permission, and permissions missing from the catalog', () => {
    const chosen = ['view_customer', 'keywright.*', 'gone.read', '*'];
    expect(wildcardOver('keywright.keys.read', chosen)).toBe('keywright.*');
    expect(wildcardOver('view_customer', chosen)).toBeUndefined();
    expect(unlisted(chosen, catalog)).toEqual(['keywright.*', 'gone.read']);
  });
});
