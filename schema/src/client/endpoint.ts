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
  if (!URL.canParse(url)) throw new KeywrightError('BAD_REQUEST', 'url is not a valid URL.');
  const base = new URL(url);
  if (base.protocol !== 'http:' && base.protocol !== 'https:') {
    throw new KeywrightError('BAD_REQUEST', 'url must start with http:// or https://.');
  }
  if (base.username !== '' || base.password !== '' || base.search !== '' || base.hash !== '') {
    throw new KeywrightError('BAD_REQUEST', 'url must not contain a user name, password, query or fragment.');
  }
  if (typeof key !== 'string' || !/^[\x21-\x7e]+$/.test(key)) {
    throw new KeywrightError('BAD_REQUEST', 'key must be a string of visible ASCII characters.');
  }
  base.pathname = base.pathname.replace(/\/+$/, '') + path;
  return base;
}
