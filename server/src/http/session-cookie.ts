/** The session cookie of this installation; under https its name also binds it to this host and to `/`. */
export class SessionCookie {
  readonly name: string;
  private readonly attributes: string;

  constructor(secure: boolean) {
    this.name = secure ? '__Host-keywright_session' : 'keywright_session';
    this.attributes = `; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  }

  /** The token that a Cookie header carries, if any; of several cookies of this name, none. */
  read(header: string | undefined): string | undefined {
    if (header === undefined) return undefined;
    const values = header
      .split(';')
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(`${this.name}=`))
      .map((pair) => pair.slice(this.name.length + 1));
    return values.length === 1 ? values[0] : undefined;
  }

  /** The Set-Cookie header that carries the token until then. */
  write(token: string, expiresAt: Date): string {
    return `${this.name}=${token}; Expires=${expiresAt.toUTCString()}${this.attributes}`;
  }

  /** The Set-Cookie header that takes the cookie away. */
  clear(): string {
    return `${this.name}=; Max-Age=0${this.attributes}`;
  }
}
