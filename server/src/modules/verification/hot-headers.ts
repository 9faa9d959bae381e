/** What the hot routes read of the headers of a request. */
export interface HotHeaders {
  /** Values of `X-API-KEY` and `Authorization`, as often as they were sent; Node itself drops some repetitions. */
  readonly credentials: {
    readonly 'x-api-key'?: readonly string[];
    readonly authorization?: readonly string[];
  };
  readonly contentType: string | null;
  readonly userAgent: string | null;
}

/** Reads the headers in one pass, by their length first: most are of no interest here. */
export function readHotHeaders(rawHeaders: readonly string[]): HotHeaders {
  const credentials: { 'x-api-key'?: string[]; authorization?: string[] } = {};
  let contentType: string | null = null;
  let userAgent: string | null = null;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    const value = rawHeaders[i + 1]!;
    switch (name.length) {
      case 9:
        if (name.toLowerCase() === 'x-api-key') (credentials['x-api-key'] ??= []).push(value);
        break;
      case 10:
        if (userAgent === null && name.toLowerCase() === 'user-agent') userAgent = value;
        break;
      case 12:
        if (contentType === null && name.toLowerCase() === 'content-type') contentType = value;
        break;
      case 13:
        if (name.toLowerCase() === 'authorization') (credentials.authorization ??= []).push(value);
        break;
      default:
    }
  }
  return { credentials, contentType, userAgent };
}
