import { isIP, SocketAddress } from 'node:net';

const MAPPED = '::ffff:';
const MAPPED_BITS = 96;

/** The IPv4 address in an IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2), however it is written; undefined in any other. */
export function mappedAddress(address: string): string | undefined {
  if (isIP(address) !== 6) return undefined;
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  return canonical.startsWith(MAPPED) && canonical.includes('.') ? canonical.slice(MAPPED.length) : undefined;
}

/**
 * Reads an address or CIDR range in canonical form (`10.0.0.0/8`, `2001:db8::/32`); undefined when it is neither. Mapped
 * IPv4 becomes IPv4, as callers' addresses do; a mapped range wider than all of IPv4 would match nobody and is refused.
 */
export function parseCidr(text: string): string | undefined {
  const [address = '', bits, ...rest] = text.trim().toLowerCase().split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes('%')) return undefined;
  const most = version === 4 ? 32 : 128;
  if (bits !== undefined && (!/^(0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > most)) return undefined;
  const length = bits === undefined ? most : Number(bits);
  const inner = mappedAddress(address);
  if (inner === undefined) return `${address}/${length}`;
  return length < MAPPED_BITS ? undefined : `${inner}/${length - MAPPED_BITS}`;
}
