import { cookieForm, readCookie } from '../core/cookie.js';

/** The session cookie of this installation. */
export class SessionCookie {
  readonly name: string;
  private readonly attributes: string;

  constructor(secure: boolean, basePath = '') {
    ({ name: this.name, attributes: this.attributes } = cookieForm('keywright_session', secure, basePath));
  }

  /** The token in a Cookie header, if any; undefined if several cookies have this name. */
  read(header: string | undefined): string | undefined {
    return readCookie(header, this.name);
  }

  /** The Set-Cookie header that sets the token. */
  write(token: string, expiresAt: Date): string {
    return `${this.name}=${token}; Expires=${expiresAt.toUTCString()}${this.attributes}`;
  }

  /** The Set-Cookie header that removes the cookie. */
  clear(): string {
    return `${this.name}=; Max-Age=0${this.attributes}`;
  }
}
