import parse from 'pg-connection-string';

const SHAPE =
  'is not valid. It must look like postgres://user:password@host:5432/database, with the characters @ : / ? # [ ] % percent-encoded in the user name and password (@ as %40, / as %2F, # as %23, % as %25)';
const SEVERAL =
  'names several hosts, but Keywright connects to one. Use an address that always leads to the primary, such as a virtual IP, HAProxy or PgBouncer';

/**
 * What is wrong with a `postgres://` URL; undefined if it is valid. Never repeats a part of the URL, because the end of a
 * password that is not encoded is unknown.
 */
export function databaseUrlFault(url: string): string | undefined {
  const [, authority, tail] = /^postgres(?:ql)?:\/\/([^/?#]*)(.*)$/s.exec(url) ?? [];
  if (authority === undefined || tail === undefined) return 'must start with postgres:// or postgresql://';
  // A / ? or # in the password ends the authority early, and the rest would be parsed as a host or a database.
  if (/[@#]/.test(tail)) return SHAPE;
  const hosts = authority.slice(authority.lastIndexOf('@') + 1);
  if (hosts.includes(',')) return SEVERAL;
  try {
    const { host, port } = parse.parse(url);
    if (host?.includes(',') || port?.includes(',')) return SEVERAL;
    return undefined;
  } catch (error) {
    const { path, code } = error as NodeJS.ErrnoException;
    if (path === undefined) return SHAPE;
    return `names the file ${path}, which cannot be read (${code})`;
  }
}
