/** Whether a text is a Redis URL: a host, optionally an account, a port and a database number. */
export function isRedisUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, username, password, search, hash } = new URL(text);
  if (protocol !== 'redis:' && protocol !== 'rediss:') return false;
  return (
    hostname !== '' &&
    /^(?:\/\d{0,5})?$/.test(pathname) &&
    search === '' &&
    hash === '' &&
    isEncoded(username) &&
    isEncoded(password)
  );
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
