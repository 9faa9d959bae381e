import { BlockList, isIP, SocketAddress } from 'node:net';

const MAPPED = '::ffff:';

/** An address in its plain form: IPv4-mapped IPv6 as IPv4, without a zone; undefined when it is no address. */
export function normaliseAddress(text: string): string | undefined {
  const address = text.split('%', 1)[0]!;
  const version = isIP(address);
  if (version === 0) return undefined;
  if (version === 4) return address;
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  return canonical.startsWith(MAPPED) && canonical.includes('.') ? canonical.slice(MAPPED.length) : canonical;
}

/** One range, IPv4-mapped ones as IPv4; undefined when it cannot be read. */
function parseRange(cidr: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [text = '', prefix, ...rest] = cidr.split('/');
  const address = normaliseAddress(text);
  if (address === undefined || rest.length > 0 || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) {
    return undefined;
  }
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
  const whole = family === 'ipv4' ? 32 : 128;
  const wasMapped = family === 'ipv4' && isIP(text) === 6;
  const bits = prefix === undefined ? whole : Number(prefix) - (wasMapped ? 96 : 0);
  return bits < 0 || bits > whole ? undefined : { address, bits, family };
}

/**
 * The address ranges that a key may be used from, compiled once. No ranges: any address. A range that cannot be read
 * allows nothing, so that a fault never opens a key to the world.
 */
export class IpRanges {
  private readonly list: BlockList | undefined;

  constructor(cidrs: readonly string[]) {
    if (cidrs.length === 0) return;
    this.list = new BlockList();
    for (const cidr of cidrs) {
      const range = parseRange(cidr);
      if (range) this.list.addSubnet(range.address, range.bits, range.family);
    }
  }

  /** Whether the address may use the key; an unknown address only where any may. */
  allows(ip: string | null): boolean {
    if (!this.list) return true;
    const address = ip === null ? undefined : normaliseAddress(ip);
    return address !== undefined && this.list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
}
