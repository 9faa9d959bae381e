import { describe, expect, it } from 'vitest';
import { isOwnOrigin, upgradeHeaders } from './origin.js';

const PUBLIC = 'https://keys.example.test';

describe('the origin of a request', () => {
  it.each([
    ['no headers', {}],
    ['the requested host', { origin: 'http://127.0.0.1:4000', host: '127.0.0.1:4000' }],
    ['the public URL behind a proxy', { origin: 'https://keys.example.test', host: '10.0.0.5:4000' }],
    ['the public URL with its implied port', { origin: 'https://keys.example.test:443', host: 'inner' }],
    ['the same origin, says the browser', { 'sec-fetch-site': 'same-origin', origin: PUBLIC, host: 'inner' }],
  ])('is the same for %s', (_, headers) => {
    expect(isOwnOrigin(headers, PUBLIC)).toBe(true);
  });

  it.each([
    ['another host', { origin: 'https://evil.test', host: '127.0.0.1:4000' }],
    ['another port', { origin: 'http://127.0.0.1:5000', host: '127.0.0.1:4000' }],
    ['an opaque origin', { origin: 'null', host: '127.0.0.1:4000' }],
    ['a host with the same prefix', { origin: 'https://keys.example.test.evil.test', host: 'x' }],
    ['a host hidden behind a user name', { origin: 'https://keys.example.test@evil.test', host: 'x' }],
    ['a file', { origin: 'file://keys.example.test', host: 'x' }],
    ['a sibling site', { 'sec-fetch-site': 'same-site' }],
    ['another site that sends no Origin', { 'sec-fetch-site': 'cross-site' }],
  ])('is different for %s', (_, headers) => {
    expect(isOwnOrigin(headers, PUBLIC)).toBe(false);
  });
});

it('depends only on Origin in an upgrade that has one', () => {
  const own = { origin: PUBLIC, host: 'inner', 'sec-fetch-site': 'cross-site' };
  expect(isOwnOrigin(upgradeHeaders(own), PUBLIC)).toBe(true);
  expect(isOwnOrigin(upgradeHeaders({ ...own, origin: 'https://evil.test' }), PUBLIC)).toBe(false);
  expect(isOwnOrigin(upgradeHeaders({ 'sec-fetch-site': 'cross-site' }), PUBLIC)).toBe(false);
});
