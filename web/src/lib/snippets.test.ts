import { describe, expect, it } from 'vitest';
import { envFile, snippets } from './snippets.js';

const input = { apiUrl: 'http://h:1/sandbox/production', publicUrl: 'http://h:1', secret: 'kw_live_x' };

describe('snippets', () => {
  it('exist for each language, with the whole secret and an address', () => {
    const all = snippets(input);
    expect(all.map(({ id }) => id)).toEqual(['curl', 'node', 'python', 'graphql']);
    for (const { code } of all) {
      expect(code).toContain('kw_live_x');
      expect(code).toContain('http://h:1');
    }
  });
  it('send the key in X-API-KEY', () => {
    expect(snippets(input)[0]?.code).toBe(
      "curl -i http://h:1/sandbox/production/ping \\\n  -H 'X-API-KEY: kw_live_x'",
    );
  });
  it('include an .env file', () => {
    expect(envFile({ ...input, keyId: 'key_1' })).toBe(
      'API_URL=http://h:1/sandbox/production\nAPI_KEY_ID=key_1\nAPI_KEY=kw_live_x\n',
    );
  });
});
