import { isIP, SocketAddress } from 'node:net';

const MAPPED = '::ffff:';
const MAPPED_BITS = 96;

/** The IPv4 address in an IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2) in any notation; undefined for any other address. */
export function mappedAddress(address: string): string | undefined {
  if (isIP(address) !== 6) return undefined;
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  return canonical.startsWith(MAPPED) && canonical.includes('.') ? canonical.slice(MAPPED.length) : undefined;
}

/**
 * Parses an address or CIDR range into canonical form (`10.0.0.0/8`, `2001:db8::/32`); undefined if it is neither.
 * IPv4-mapped ranges become IPv4, as callers' addresses do; a mapped range wider than all of IPv4 could never match and is rejected.
 */
export function parseCidr(text: string): string | undefined {
  const [address = '', bits, ...rest] = text.trim().toLowerCase().split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes('%')) return undefined;
  const maxBits = version === 4 ? 32 : 128;
  if (bits !== undefined && (!/^(0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > maxBits)) return undefined;
  const length = bits === undefined ? maxBits : Number(bits);
  const inner = mappedAddress(address);
  if (inner === undefined) return `${address}/${length}`;
  return length < MAPPED_BITS ? undefined : `${inner}/${length - MAPPED_BITS}`;
}
