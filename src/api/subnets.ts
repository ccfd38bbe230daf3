import { firstSubnet, formatCidr, parseCidr, subnetAfter } from '../cidr.ts';

/** IPv4 ranges of a region's delegated subnets: for servers of odd generation, and of even, where the network has room for it. */
export interface SubnetRanges {
  readonly odd: string;
  readonly even?: string;
}

/**
 * A fence keeps clients away from a whole subnet, so a server and the one of the next generation stand in different ones. What does not
 * parse is left as it is: the rules refuse it.
 */
export function subnetRanges(cidr: string, first: string | undefined, next: string | undefined): SubnetRanges {
  const network = parseCidr(cidr);
  // The first /24: room for many servers, and the rest of the network stays free for clients.
  const odd = first ?? (network ? formatCidr(firstSubnet(network, 24)) : cidr);
  if (next !== undefined) return { odd, even: next };
  const taken = parseCidr(odd);
  const after = network && taken && subnetAfter(network, taken);
  return after ? { odd, even: formatCidr(after) } : { odd };
}
