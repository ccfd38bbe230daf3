/** IPv4 ranges. Addresses are unsigned 32-bit numbers; nothing here knows about Azure. */
export interface Cidr {
  readonly base: number;
  /** Prefix length, 0 to 32. */
  readonly prefix: number;
}

const size = (prefix: number): number => 2 ** (32 - prefix);

/** Parses `10.0.0.0/16`. Returns undefined unless every octet, the prefix and the notation (no leading zeros) are valid. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const parts = match.slice(1);
  if (parts.some((part) => part.length > 1 && part.startsWith('0'))) return undefined;
  const numbers = parts.map(Number);
  const prefix = numbers.pop() ?? 33;
  if (prefix > 32 || numbers.some((octet) => octet > 255)) return undefined;
  return { base: numbers.reduce((address, octet) => address * 256 + octet, 0), prefix };
}

export function formatCidr({ base, prefix }: Cidr): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256);
  return `${octets.join('.')}/${prefix}`;
}

/** The range of this prefix length that holds the address: host bits become zero. */
export const networkOf = ({ base, prefix }: Cidr): Cidr => ({ base: base - (base % size(prefix)), prefix });

export const contains = (outer: Cidr, inner: Cidr): boolean =>
  inner.prefix >= outer.prefix && networkOf({ base: inner.base, prefix: outer.prefix }).base === outer.base;

export const overlaps = (a: Cidr, b: Cidr): boolean => contains(a, b) || contains(b, a);

/** The range of the same size right after `inner`, undefined when `outer` ends before it does. */
export function subnetAfter(outer: Cidr, inner: Cidr): Cidr | undefined {
  const next = { base: inner.base + size(inner.prefix), prefix: inner.prefix };
  return contains(outer, next) ? next : undefined;
}

/** The first range of the wished prefix length inside `outer`, or `outer` itself when it is smaller than that. */
export const firstSubnet = (outer: Cidr, prefix: number): Cidr => ({
  base: outer.base,
  prefix: Math.max(outer.prefix, prefix),
});
