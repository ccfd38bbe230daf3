import fc from 'fast-check';
import {
  type Cidr,
  contains,
  firstSubnet,
  formatCidr,
  networkOf,
  overlaps,
  parseCidr,
  subnetAfter,
} from '../src/cidr.ts';

const network = fc
  .record({ base: fc.nat(2 ** 32 - 1), prefix: fc.integer({ min: 0, max: 32 }) })
  .map((range) => networkOf(range));

const last = ({ base, prefix }: Cidr): number => base + 2 ** (32 - prefix) - 1;

describe('cidr', () => {
  it('parses what it formats', () => {
    fc.assert(fc.property(network, (range) => expect(parseCidr(formatCidr(range))).toEqual(range)));
  });

  it.each([
    '10.0.0.0',
    '10.0.0/16',
    '256.0.0.0/8',
    '10.0.0.0/33',
    '010.0.0.0/8',
    '10.0.0.0/08',
    ' 10.0.0.0/8',
    'a.b.c.d/8',
    '',
  ])('refuses %j', (text) => expect(parseCidr(text)).toBeUndefined());

  it('overlaps exactly when the address intervals meet', () => {
    fc.assert(
      fc.property(network, network, (a, b) => {
        const meet = a.base <= last(b) && b.base <= last(a);
        expect(overlaps(a, b)).toBe(meet);
        expect(overlaps(b, a)).toBe(meet);
      }),
    );
  });

  it('contains exactly when the interval lies inside', () => {
    fc.assert(
      fc.property(network, network, (a, b) => expect(contains(a, b)).toBe(a.base <= b.base && last(b) <= last(a))),
    );
  });

  it('gives the range right after another, of the same size, exactly where it fits', () => {
    fc.assert(
      fc.property(network, fc.integer({ min: 0, max: 32 }), (outer, prefix) => {
        const inner = firstSubnet(outer, prefix);
        const next = subnetAfter(outer, inner);
        expect(next !== undefined).toBe(last(inner) + (last(inner) - inner.base + 1) <= last(outer));
        if (!next) return;
        expect(next).toEqual({ base: last(inner) + 1, prefix: inner.prefix });
        expect(contains(outer, next)).toBe(true);
        expect(overlaps(inner, next)).toBe(false);
      }),
    );
  });

  it('gives a first subnet inside the range and no larger than it', () => {
    fc.assert(
      fc.property(network, fc.integer({ min: 0, max: 32 }), (range, prefix) => {
        const subnet = firstSubnet(range, prefix);
        expect(contains(range, subnet)).toBe(true);
        expect(subnet.base).toBe(range.base);
      }),
    );
  });
});
