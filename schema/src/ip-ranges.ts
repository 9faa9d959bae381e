import { BlockList, isIP, SocketAddress } from 'node:net';
import { mappedAddress, parseCidr } from './cidr.js';

/** Room for the longest IPv6 address with brackets, a zone and a port. */
const MAX_ADDRESS_LENGTH = 80;
const MAX_PORT = 65_535;
const IN_BRACKETS = /^\[([^[\]]*)\](?::(\d{1,5}))?$/;
const WITH_PORT = /^([\d.]+):(\d{1,5})$/;

/**
 * Normalizes an address: IPv4-mapped IPv6 to IPv4, without a zone, and without the port that some proxies append
 * (`203.0.113.9:51234`, `[2001:db8::1]:443`); undefined if it is not an address.
 */
export function normalizeAddress(text: string): string | undefined {
  if (text.length > MAX_ADDRESS_LENGTH) return undefined;
  if (parseIPv4(text) >= 0) return text;
  const bracketed = IN_BRACKETS.exec(text);
  const [, inner = text, port = '0'] = bracketed ?? WITH_PORT.exec(text) ?? [];
  if (Number(port) > MAX_PORT) return undefined;
  const address = inner.split('%', 1)[0]!;
  const version = isIP(address);
  if (version === 4) return bracketed ? undefined : address;
  if (version === 0) return undefined;
  return mappedAddress(address) ?? new SocketAddress({ address, family: 'ipv6' }).address;
}

const DOT = 0x2e;
const ZERO = 0x30;

/** An IPv4 address as a 32-bit number; -1 for anything but four decimal numbers up to 255. */
function parseIPv4(text: string): number {
  let address = 0;
  let part = -1;
  let parts = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : DOT;
    if (code === DOT) {
      if (part < 0 || part > 255) return -1;
      address = address * 256 + part;
      part = -1;
      parts++;
    } else {
      const digit = code - ZERO;
      // Leading zeros are not allowed.
      if (digit < 0 || digit > 9 || part === 0 || part > 255) return -1;
      part = part < 0 ? digit : part * 10 + digit;
    }
  }
  return parts === 4 ? address : -1;
}

interface Range4 {
  readonly first: number;
  readonly last: number;
}

/**
 * The IP ranges that a key can be used from, compiled once. No ranges: any address. A range that cannot be parsed
 * allows nothing, so bad data never opens a key to every address.
 */
export class IpRanges {
  private readonly any: boolean;
  private readonly ranges4: readonly Range4[];
  private readonly list6: BlockList | undefined;

  constructor(cidrs: readonly string[]) {
    this.any = cidrs.length === 0;
    const ranges4: Range4[] = [];
    for (const cidr of cidrs) {
      const [address, bits] = parseCidr(cidr)?.split('/') ?? [];
      if (address === undefined) continue;
      if (isIP(address) === 4) {
        const size = 2 ** (32 - Number(bits));
        const first = Math.floor(parseIPv4(address) / size) * size;
        ranges4.push({ first, last: first + size - 1 });
      } else {
        this.list6 ??= new BlockList();
        this.list6.addSubnet(address, Number(bits), 'ipv6');
      }
    }
    this.ranges4 = ranges4;
  }

  /** Whether the key can be used from this address; an unknown address (null) is allowed only if any address is. */
  allows(ip: string | null): boolean {
    if (this.any) return true;
    if (ip === null) return false;
    const number = parseIPv4(ip);
    if (number >= 0) return this.allows4(number);
    const address = normalizeAddress(ip);
    if (address === undefined) return false;
    return isIP(address) === 4
      ? this.allows4(parseIPv4(address))
      : this.list6?.check(address, 'ipv6') === true;
  }

  private allows4(number: number): boolean {
    for (const { first, last } of this.ranges4) if (number >= first && number <= last) return true;
    return false;
  }
}

const compiled = new WeakMap<readonly string[], IpRanges>();

/** The compiled ranges of a list, shared by all keys that hold that list. */
export function ipRangesOf(cidrs: readonly string[]): IpRanges {
  let ranges = compiled.get(cidrs);
  if (!ranges) compiled.set(cidrs, (ranges = new IpRanges(cidrs)));
  return ranges;
}
