import { BlockList, isIPv4 } from 'node:net';

/** IPv4 ranges in CIDR notation, compared by Node's own BlockList. */
const split = (cidr: string): readonly [string, number] => {
  const [address = '', prefix = ''] = cidr.split('/');
  return [address, /^\d{1,2}$/.test(prefix) ? Number(prefix) : -1];
};

export function isCidr(cidr: string): boolean {
  const [address, prefix] = split(cidr);
  return isIPv4(address) && prefix >= 0 && prefix <= 32;
}

/** Prefix length: 24 for `10.0.0.0/24`. */
export const prefixLength = (cidr: string): number => split(cidr)[1];

/** Whether the range `inner` lies in `outer`. Both must be valid. */
export function containsRange(outer: string, inner: string): boolean {
  const list = new BlockList();
  list.addSubnet(...split(outer), 'ipv4');
  return prefixLength(inner) >= prefixLength(outer) && list.check(split(inner)[0], 'ipv4');
}

export const rangesOverlap = (a: string, b: string): boolean => containsRange(a, b) || containsRange(b, a);
