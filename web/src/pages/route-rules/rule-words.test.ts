import { describe, expect, it } from 'vitest';
import { needOf, parametersIn, placesOf } from './rule-words.js';

describe('a route rule in words', () => {
  it('shows the label of the permission, if it has one', () => {
    const labels = new Map([['view_customer', 'View Customers']]);
    expect(needOf({ access: 'PERMISSION', permission: 'view_customer' }, labels)).toBe('View Customers');
    expect(needOf({ access: 'PERMISSION', permission: 'gone' }, labels)).toBe('gone');
    expect(needOf({ access: 'ANY_KEY', permission: null }, labels)).toBe('Any valid key');
    expect(needOf({ access: 'NOBODY' }, labels)).toBe('Nobody');
    expect(needOf({ access: 'ANYBODY' }, labels)).toBe('Anyone, without a key');
  });

  it('shows where it applies', () => {
    expect(placesOf(['PRODUCTION', 'STAGING'])).toBe('Production, Staging');
    expect(placesOf(['PRODUCTION', 'STAGING', 'DEVELOPMENT'])).toBe('All environments');
  });

  it('offers the parameters of its path', () => {
    expect(parametersIn('/a/{b}/c/{d}/**')).toEqual(['b', 'd']);
    expect(parametersIn('/a/{')).toEqual([]);
  });
});
