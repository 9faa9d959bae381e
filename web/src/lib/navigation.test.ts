import { describe, expect, it } from 'vitest';
import { homeOf, isWithin, navigation, type NavGroup, type NavLink } from './navigation.js';

const flat = (entries: (NavLink | NavGroup)[]) =>
  entries.flatMap((entry) => ('to' in entry ? [entry] : entry.links)).map(({ to }) => to);
const rights = (...held: string[]) => ({
  may: (permission: string) => held.includes(permission),
  mayAtRoot: (permission: string) => held.includes(`${permission} at the root`),
});

describe('navigation', () => {
  it('shows everything to people who can use everything', () => {
    expect(flat(navigation({ may: () => true, mayAtRoot: () => true }))).toEqual([
      '/keys',
      '/customers',
      '/service-accounts',
      '/users',
      '/roles',
      '/permissions',
      '/route-rules',
      '/license',
      '/processes',
      '/docs',
    ]);
  });

  it('hides what the viewer cannot use at all', () => {
    const pages = flat(navigation(rights('keywright.keys.read')));
    expect(pages).toContain('/keys');
    expect(pages).not.toContain('/users');
    expect(pages).not.toContain('/license');
    expect(pages).not.toContain('/route-rules');
    expect(pages).not.toContain('/processes');
  });

  it('starts with the first usable page', () => {
    expect(homeOf(navigation(rights('keywright.keys.read')))).toBe('/keys');
    expect(homeOf(navigation(rights()))).toBe('/customers');
    expect(homeOf([])).toBe('/docs');
  });

  it('finds the page that a path belongs to', () => {
    expect(isWithin('/keys/key_1', '/keys')).toBe(true);
    expect(isWithin('/keysmith', '/keys')).toBe(false);
    expect(isWithin('/scopes/scp_1', '/customers')).toBe(true);
  });
});
