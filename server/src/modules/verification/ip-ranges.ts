import { BlockList, isIP, SocketAddress } from 'node:net';
import { mappedAddress, parseCidr } from '../keys/cidr.js';

/** An address in its plain form: IPv4-mapped IPv6 as IPv4, without a zone; undefined when it is no address. */
export function normaliseAddress(text: string): string | undefined {
  const address = text.split('%', 1)[0]!;
  const version = isIP(address);
  if (version === 0) return undefined;
  if (version === 4) return address;
  return mappedAddress(address) ?? new SocketAddress({ address, family: 'ipv6' }).address;
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');

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
      const [address, bits] = parseCidr(cidr)?.split('/') ?? [];
      if (address !== undefined) this.list.addSubnet(address, Number(bits), familyOf(address));
    }
  }

  /** Whether the address may use the key; an unknown address only where any may. */
  allows(ip: string | null): boolean {
    if (!this.list) return true;
    const address = ip === null ? undefined : normaliseAddress(ip);
    return address !== undefined && this.list.check(address, familyOf(address));
  }
}
