import { KeywrightError } from './error.js';

/** Where Keywright is and who asks. */
export interface EndpointOptions {
  /** Base URL of Keywright, such as `https://keys.example.com`. */
  readonly url: string;
  /** A key that holds `keywright.verify`. */
  readonly key: string;
}

/** The address of a path below the base URL. Error: BAD_REQUEST for a URL that cannot be used. */
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
