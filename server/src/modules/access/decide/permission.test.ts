import { describe, expect, it } from 'vitest';
import { isPermissionPattern, PermissionSet } from './permission.js';

describe('a permission set', () => {
  it('covers the names it holds and nothing else', () => {
    const set = new PermissionSet(['view_customer', 'ticket.read']);
    expect(set.covers('view_customer')).toBe(true);
    expect(set.covers('ticket.read')).toBe(true);
    expect(set.covers('ticket.create')).toBe(false);
    expect(set.covers('view_customers')).toBe(false);
  });

  it('covers everything with Admin', () => {
    const set = new PermissionSet(['*']);
    expect(set.covers('anything')).toBe(true);
    expect(set.covers('customer.*')).toBe(true);
    expect(set.covers('*')).toBe(true);
  });

  it('covers dotted names below a wildcard, never the undotted ones', () => {
    const set = new PermissionSet(['customer.*']);
    expect(set.covers('customer.read')).toBe(true);
    expect(set.covers('customer.address.read')).toBe(true);
    expect(set.covers('customer.address.*')).toBe(true);
    expect(set.covers('customer')).toBe(false);
    expect(set.covers('customer_read')).toBe(false);
    expect(set.covers('view_customer')).toBe(false);
    expect(set.covers('*')).toBe(false);
  });

  it.each([
    'customer.',
    'customer..read',
    'customer.Read',
    'customer.read ',
    'customer. read',
    'customer.read\n',
    'customer.<script>',
    'customer.*.read',
    'customer.**',
    'customer.é',
    `customer.${'a'.repeat(100)}`,
  ])('with a wildcard covers only valid permission names, so not %j', (wanted) => {
    for (const held of ['*', 'customer.*']) expect(new PermissionSet([held]).covers(wanted)).toBe(false);
  });

  it('covers nothing when it is empty', () => {
    const set = new PermissionSet([]);
    expect(set.covers('view_customer')).toBe(false);
    expect(set.missing(['a', 'b'])).toEqual(['a', 'b']);
    expect(set.coversAny([])).toBe(true);
  });
});

describe('a permission name', () => {
  it.each(['*', 'view_customer', 'telemetry.write', 'customer.*', 'a.b.c.*'])('can be %s', (name) => {
    expect(isPermissionPattern(name)).toBe(true);
  });

  it.each(['', '**', '*.read', 'customer*', 'a..b', 'A', 'a.', 'a b', 'a.*.b', `a${'b'.repeat(100)}`])(
    'cannot be %j',
    (name) => {
      expect(isPermissionPattern(name)).toBe(false);
    },
  );
});
