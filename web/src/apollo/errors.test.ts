import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { describe, expect, it } from 'vitest';
import { errorMessage } from './errors.js';

const refused = (message: string, extensions: Record<string, unknown>) =>
  new CombinedGraphQLErrors({ errors: [{ message, extensions }], data: null });

describe('errorMessage', () => {
  it('returns the message of the server', () => {
    expect(errorMessage(refused('No.', { code: 'FORBIDDEN' }))).toBe('No.');
  });

  it('shows the usage and limit of an exhausted license', () => {
    const extensions = { code: 'LICENSE_LIMIT_REACHED', used: 1_025, maximum: 1_000 };
    expect(errorMessage(refused('Too many.', extensions))).toContain(
      'The license allows 1,000 keys, and 1,025 are in use.',
    );
    expect(errorMessage(refused('Too many.', { code: 'LICENSE_LIMIT_REACHED' }))).toBe('Too many.');
    const ofCustomer = 'This customer can have 1000 keys that are not revoked, and 1025 are in use.';
    expect(errorMessage(refused(ofCustomer, extensions))).toBe(ofCustomer);
  });
});
