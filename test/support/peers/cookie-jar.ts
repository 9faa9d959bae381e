/** A minimal browser for redirects and cookies: cookies are per origin, and redirects are followed only on request. */
export class CookieJar {
  private readonly cookies = new Map<string, Map<string, string>>();

  /** The cookies of an origin, readable and writable. */
  of(url: string): Map<string, string> {
    const { origin } = new URL(url);
    let cookies = this.cookies.get(origin);
    if (!cookies) this.cookies.set(origin, (cookies = new Map()));
    return cookies;
  }

  /** The Cookie header for a URL. */
  header(url: string): string {
    return [...this.of(url)].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Requests a URL, and stores and deletes cookies as the response says. */
  async get(url: string): Promise<Response> {
    const cookie = this.header(url);
    const response = await fetch(url, { redirect: 'manual', headers: cookie ? { cookie } : {} });
    for (const header of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(header)!;
      if (/; *(?:max-age=0|expires=thu, 01 jan 1970)/i.test(header)) this.of(url).delete(name!);
      else this.of(url).set(name!, value!);
    }
    return response;
  }

  /** Follows redirects until a URL starts with `stop`, and returns that URL. */
  async followUntil(url: string, stop: string): Promise<string> {
    let at = url;
    for (let hops = 0; hops < 10; hops++) {
      const response = await this.get(at);
      const location = response.headers.get('location');
      if (location === null)
        throw new Error(`${at} led nowhere: ${response.status} ${await response.text()}`);
      at = new URL(location, at).href;
      if (at.startsWith(stop)) return at;
    }
    throw new Error(`Too many redirects, the last one to ${at}`);
  }
}
