import { BlockList, isIP } from 'node:net';
import { parseCidr } from '@keywright/schema/cidr';

interface Range {
  readonly text: string;
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly bits: number;
}

function rangeOf(text: string): Range | undefined {
  const [address, bits] = parseCidr(text)?.split('/') ?? [];
  if (address === undefined) return undefined;
  return { text, address, family: isIP(address) === 4 ? 'ipv4' : 'ipv6', bits: Number(bits) };
}

function contains(outer: Range, inner: Range): boolean {
  if (outer.family !== inner.family || outer.bits > inner.bits) return false;
  const list = new BlockList();
  list.addSubnet(outer.address, outer.bits, outer.family);
  return list.check(inner.address, inner.family);
}

/**
 * The address ranges contained in both lists, where an empty list means any address; undefined if there are none. Two
 * ranges overlap only if one contains the other.
 */
export function intersectRanges(
  own: readonly string[],
  other: readonly string[],
): readonly string[] | undefined {
  if (other.length === 0) return own;
  if (own.length === 0) return other;
  const [mine, theirs] = [own, other].map((list) => list.flatMap((text) => rangeOf(text) ?? []));
  const both = mine!.flatMap((range) => {
    if (theirs!.some((outer) => contains(outer, range))) return [range.text];
    return theirs!.filter((inner) => contains(range, inner)).map(({ text }) => text);
  });
  return both.length === 0 ? undefined : [...new Set(both)];
}
