import { isIP } from 'node:net';

/** Reads an address or CIDR range in canonical form (`10.0.0.0/8`, `2001:db8::/32`); undefined when it is neither. */
export function parseCidr(text: string): string | undefined {
  const [address = '', bits, ...rest] = text.trim().toLowerCase().split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes('%')) return undefined;
  const most = version === 4 ? 32 : 128;
  if (bits === undefined) return `${address}/${most}`;
  if (!/^(0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > most) return undefined;
  return `${address}/${bits}`;
}
