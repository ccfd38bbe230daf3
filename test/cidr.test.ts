import fc from 'fast-check';
import { type Cidr, contains, firstSubnet, formatCidr, networkOf, overlaps, parseCidr } from '../src/cidr.ts';

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
