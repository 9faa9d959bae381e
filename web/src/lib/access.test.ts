import { describe, expect, it } from 'vitest';
import { covers, coversAt, coversWherever } from './access.js';

const at = (id: string, kind: string, ...permissions: string[]) => ({ scope: { id, kind }, permissions });

describe('access', () => {
  it('supports Admin and wildcards, which cover only dotted names', () => {
    expect(covers(['*'], 'anything')).toBe(true);
    expect(covers(['keywright.keys.*'], 'keywright.keys.read')).toBe(true);
    expect(covers(['keywright.keys.*'], 'keywright.users.manage')).toBe(false);
    expect(covers(['customer.*'], 'customer')).toBe(false);
    expect(covers([], 'customer')).toBe(false);
  });

  it('includes permissions held at the scope or above', () => {
    const access = [at('scp_org', 'ORGANIZATION', 'keywright.keys.write')];
    expect(coversAt(access, 'keywright.keys.write', ['scp_root', 'scp_cus', 'scp_org', 'scp_acc'])).toBe(
      true,
    );
    expect(coversAt(access, 'keywright.keys.write', ['scp_root', 'scp_cus'])).toBe(false);
    expect(coversAt(access, 'keywright.keys.read', ['scp_org'])).toBe(false);
  });

  it('includes everywhere the permissions held at the root', () => {
    expect(coversAt([at('scp_root', 'ROOT', '*')], 'keywright.keys.write', [])).toBe(true);
  });

  it('reports whether one permission implies another everywhere', () => {
    const both = at('scp_a', 'CUSTOMER', 'read', 'count');
    expect(coversWherever([both], 'read', 'count')).toBe(true);
    expect(coversWherever([both, at('scp_b', 'CUSTOMER', 'read')], 'read', 'count')).toBe(false);
    expect(coversWherever([at('scp_b', 'CUSTOMER', 'read'), at('r', 'ROOT', 'count')], 'read', 'count')).toBe(
      true,
    );
  });
});
