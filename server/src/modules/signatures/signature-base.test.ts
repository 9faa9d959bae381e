import { constants, createHmac, createPublicKey, verify } from 'node:crypto';
import { parseDictionary } from 'structured-headers';
import { describe, expect, it } from 'vitest';
import { isRefusal } from './signature-claim.js';
import { signatureBase } from './signature-base.js';
import { readSignatureInput } from './signature-input.js';
import type { SignedRequest } from './signed-request.js';
import { plainRequest } from './signing.fixture.js';

/** RFC 9421, appendix B.2: `test-request`. */
const TEST_REQUEST: SignedRequest = {
  method: 'POST',
  url: '/foo?param=Value&Pet=dog',
  scheme: 'https',
  headers: {
    Host: 'example.com',
    Date: 'Tue, 20 Apr 2021 02:07:55 GMT',
    'Content-Type': 'application/json',
    'Content-Digest':
      'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:',
    'Content-Length': '18',
  },
};

/** RFC 9421, appendix B.1.2: the public half of `test-key-rsa-pss`. */
const RSA_PSS = createPublicKey(`-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----`);

/** RFC 9421, appendix B.1.5: `test-shared-secret`. */
const SHARED_SECRET = Buffer.from(
  'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==',
  'base64',
);

function base(request: SignedRequest, text: string): string {
  const input = readSignatureInput(parseDictionary(`sig=${text}`).get('sig'));
  if (isRefusal(input)) return input.detail;
  const result = signatureBase(request, input);
  return typeof result === 'string' ? result : result.detail;
}

const component = (request: Partial<SignedRequest>, identifier: string): string =>
  base(plainRequest(request), `(${identifier})`).split('\n')[0]!;

describe('the signature base', () => {
  it.each([
    [
      'B.2.1',
      '();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"',
      [],
      'd2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==',
    ],
    [
      'B.2.2',
      '("@authority" "content-digest" "@query-param";name="Pet");created=1618884473;keyid="test-key-rsa-pss";tag="header-example"',
      [
        '"@authority": example.com',
        '"content-digest": sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:',
        '"@query-param";name="Pet": dog',
      ],
      'LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+ECxCmT8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBSpqfZUJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw==',
    ],
    [
      'B.2.3',
      '("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss"',
      [
        '"date": Tue, 20 Apr 2021 02:07:55 GMT',
        '"@method": POST',
        '"@path": /foo',
        '"@query": ?param=Value&Pet=dog',
        '"@authority": example.com',
        '"content-type": application/json',
        '"content-digest": sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:',
        '"content-length": 18',
      ],
      'bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==',
    ],
  ])('of RFC 9421, %s, matches the published signature', (_, input, lines, signature) => {
    const text = base(plainRequest(TEST_REQUEST), input);
    expect(text).toBe([...lines, `"@signature-params": ${input}`].join('\n'));
    const key = { key: RSA_PSS, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 };
    expect(verify('sha512', Buffer.from(text), key, Buffer.from(signature, 'base64'))).toBe(true);
  });

  it('of RFC 9421, B.2.5, gives the published HMAC', () => {
    const input = '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"';
    const text = base(plainRequest(TEST_REQUEST), input);
    expect(text).toBe(
      `"date": Tue, 20 Apr 2021 02:07:55 GMT\n"@authority": example.com\n"content-type": application/json\n"@signature-params": ${input}`,
    );
    expect(createHmac('sha256', SHARED_SECRET).update(text).digest('base64')).toBe(
      'pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=',
    );
  });

  it('of RFC 9421, B.2.4, is rejected: it signs a response', () => {
    expect(base(plainRequest(TEST_REQUEST), '("@status" "content-type")')).toMatch(
      /@status.*not a supported request component/,
    );
  });

  it.each([
    [{}, '"@method"', '"@method": GET'],
    [{ method: 'get' }, '"@method"', '"@method": get'],
    [{ url: '/' }, '"@path"', '"@path": /'],
    [{ url: '/a//b/../%2F?x' }, '"@path"', '"@path": /a//b/../%2F'],
    [{ url: '/a' }, '"@query"', '"@query": ?'],
    [{ url: '/a?b=?c&%20' }, '"@query"', '"@query": ?b=?c&%20'],
    [{ url: '/a?b' }, '"@request-target"', '"@request-target": /a?b'],
    [{ authority: 'WWW.Example.com:443', scheme: 'HTTPS' }, '"@authority"', '"@authority": www.example.com'],
    [{ authority: 'www.example.com:80', scheme: 'http' }, '"@authority"', '"@authority": www.example.com'],
    [
      { authority: 'www.example.com:80', scheme: 'https' },
      '"@authority"',
      '"@authority": www.example.com:80',
    ],
    [{ authority: 'www.example.com:443' }, '"@authority"', '"@authority": www.example.com:443'],
    [{ scheme: 'HTTPS' }, '"@scheme"', '"@scheme": https'],
    [{ scheme: 'https' }, '"@target-uri"', '"@target-uri": https://api.example.test/crm/customers?page=2'],
    [{ headers: { 'X-A': ' b\t' } }, '"x-a"', '"x-a": b'],
    [{ headers: { 'x-a': '' } }, '"x-a"', '"x-a": '],
    [{ headers: { 'x-a': ['b ', ' c,d', ''] } }, '"x-a"', '"x-a": b, c,d, '],
  ])('of %j has, for %s, the line %s', (request, identifier, line) => {
    expect(component(request, identifier)).toBe(line);
  });

  it.each([
    ['var', 'this%20is%20a%20big%0Amultiline%20value'],
    ['bar', 'with%20plus%20whitespace'],
    ['fa%C3%A7ade%22%3A%20', 'something'],
  ])('re-encodes the query parameter %s as in RFC 9421, section 2.2.8', (name, value) => {
    const url =
      '/parameters?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something';
    expect(component({ url }, `"@query-param";name="${name}"`)).toBe(
      `"@query-param";name="${name}": ${value}`,
    );
  });

  it('encodes the same characters of a query parameter as a form', () => {
    expect(component({ url: "/?a=!'()~*-._%80" }, '"@query-param";name="a"')).toBe(
      '"@query-param";name="a": %21%27%28%29%7E*-._%EF%BF%BD',
    );
    expect(component({ url: '/?a&b=' }, '"@query-param";name="a"')).toBe('"@query-param";name="a": ');
  });

  it.each([
    [{ url: '/?a=1&a=2' }, '"@query-param";name="a"', /more than once/],
    [{ url: '/?b=1' }, '"@query-param";name="a"', /is not in the query/],
    [{ url: '/?a=1' }, '"@query-param"', /needs the parameter/],
    [{ method: null }, '"@method"', /needs the method/],
    [{ method: 'GET /' }, '"@method"', /needs the method/],
    [{ url: null }, '"@path"', /needs the path/],
    [{ url: 'https://a/b' }, '"@path"', /needs the path/],
    [{ url: '*' }, '"@request-target"', /needs the path/],
    [{ url: '/a#b' }, '"@query"', /needs the path/],
    [{ url: '/a\n"@method": GET' }, '"@path"', /needs the path/],
    [{ url: '/é' }, '"@path"', /needs the path/],
    [{ url: `/${'a'.repeat(9000)}` }, '"@path"', /needs the path/],
    [{}, '"@target-uri"', /needs the scheme/],
    [{}, '"@scheme"', /needs the scheme/],
    [{ scheme: 'ftp' }, '"@scheme"', /needs the scheme/],
    [{ headers: {} }, '"@authority"', /needs one Host/],
    [{ headers: { host: ['a', 'a'] } }, '"@authority"', /needs one Host/],
    [{ headers: { host: 'a', Host: 'b' } }, '"@authority"', /needs one Host/],
    [{ authority: 'a/b' }, '"@authority"', /needs one Host/],
    [{ authority: 'a@b' }, '"@authority"', /needs one Host/],
    [{}, '"x-a"', /is not among the headers/],
    [{ headers: { 'x-a': 'b\nc' } }, '"x-a"', /not visible ASCII/],
    [{ headers: { 'x-a': 'é' } }, '"x-a"', /not visible ASCII/],
    [{ headers: { 'x-a': 5 } }, '"x-a"', /not visible ASCII/],
    [{ headers: { 'x-a': 'a'.repeat(9000) } }, '"x-a"', /too long/],
    [{ headers: { 'x-a': 'b' } }, '"X-A"', /not a lowercase field name/],
    [{}, '"x a"', /not a lowercase field name/],
    [{ headers: { signature: 'x' } }, '"signature"', /cannot be covered by it/],
    [{}, '"@nonsense"', /not a supported request component/],
    [{}, '"@signature-params"', /not a supported request component/],
    [{}, '"host";sf', /parameter that is not supported/],
    [{}, '"host";bs', /parameter that is not supported/],
    [{}, '"host";req', /parameter that is not supported/],
    [{}, '"host";tr', /parameter that is not supported/],
    [{}, '"host";key="a"', /parameter that is not supported/],
    [{}, '"@query-param";name="a";req', /parameter that is not supported/],
    [{}, '"host" "host"', /covered twice/],
    [{}, 'host', /not named by a string/],
  ])('of %j is rejected for %s: %s', (request, identifier, reason) => {
    expect(base(plainRequest(request), `(${identifier})`)).toMatch(reason);
  });
});
