import { KeywrightError } from './error.js';

/** The address of Keywright and the caller's key. */
export interface EndpointOptions {
  /** Base URL of Keywright, such as `https://keys.example.com`. */
  readonly url: string;
  /** A key with the permission `keywright.verify`. */
  readonly key: string;
}

/** The URL of a path under the base URL. Error: BAD_REQUEST for an invalid URL or key. */
export function endpointUrl({ url, key }: EndpointOptions, path: string): URL {
  if (!URL.canParse(url)) throw new KeywrightError('BAD_REQUEST', 'The url is not a URL.');
  const base = new URL(url);
  if (base.protocol !== 'http:' && base.protocol !== 'https:') {
    throw new KeywrightError('BAD_REQUEST', 'The url must begin with http:// or https://.');
  }
  if (base.username !== '' || base.password !== '' || base.search !== '' || base.hash !== '') {
    throw new KeywrightError('BAD_REQUEST', 'The url must have neither user, password, query nor fragment.');
  }
  if (typeof key !== 'string' || !/^[\x21-\x7e]+$/.test(key)) {
    throw new KeywrightError('BAD_REQUEST', 'The key must be a text of visible ASCII characters.');
  }
  base.pathname = base.pathname.replace(/\/+$/, '') + path;
  return base;
}
