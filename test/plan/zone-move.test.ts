import { zonePlan } from '../../src/plan/high-availability.ts';
import { askedZone, beforeExchange, zoneMove } from '../../src/plan/zone-move.ts';
import { fact, facts } from '../support/observed.ts';

const id = '/subscriptions/0/server';
const block = (standbyAvailabilityZone: string) => ({ mode: 'ZoneRedundant', standbyAvailabilityZone }) as const;
const synced = { type: 'Synced', status: 'True', reason: '', message: '', observedGeneration: 4 };
/** At rest in zone 1, its standby in zone 2, as it was created. */
const resting = {
  initProvider: { zone: '1', highAvailability: block('2') },
  forProvider: { version: '17' },
  atProvider: { id, zone: '1', highAvailability: block('2') },
  conditions: [synced],
  generation: 4,
};
const base = { zone: '1', initial: block('2') };
const wished = { asked: '2', ours: true, reached: false };

describe('a zone failover that is asked for', () => {
  it('exchanges the two zones in forProvider, and leaves what is ignored where it is', () => {
    expect(zoneMove(wished, base, fact(resting))).toEqual({
      ...base,
      exchanged: '2',
      enforced: block('1'),
      told: 'it is asked to go to zone 2, where its standby is',
    });
  });

  it('goes on while the provider is at it, and ends where the server is seen in its zone', () => {
    const begun = {
      ...resting,
      forProvider: { version: '17', zone: '2', highAvailability: block('1') },
      generation: 5,
    };
    expect(zoneMove(wished, base, fact(begun)).exchanged).toBe('2');
    const there = { ...begun, atProvider: { id, zone: '2', highAvailability: block('1') } };
    expect(zoneMove(wished, base, fact(there))).toEqual({ ...base, reached: '2' });
  });

  it('is not made again when the server leaves the zone that it has reached', () => {
    expect(zoneMove({ ...wished, reached: true }, base, fact(resting))).toEqual({ ...base, reached: '2' });
  });

  it.each([
    ['nothing is asked', { ...wished, asked: undefined }, fact(resting)],
    ['it takes no writes, or another control plane acts', { ...wished, ours: false }, fact(resting)],
    ['Azure does not have it yet', wished, fact({ ...resting, atProvider: {} })],
    ['there is no object yet', wished, undefined],
  ])('changes nothing and says nothing while %s', (_, asked, observed) => {
    expect(zoneMove(asked, base, observed)).toEqual(base);
  });

  const standbyless = { id, zone: '1' };
  const sameZone = { mode: 'SameZone', standbyAvailabilityZone: '1' } as const;
  it.each([
    ['a failover is under way', { ...wished, held: 'until later' }, base, resting, 'until later'],
    [
      'the standby is elsewhere',
      { ...wished, asked: '3' },
      base,
      resting,
      'the standby is in zone 2, and it can only change places with the server',
    ],
    [
      'there is no standby',
      wished,
      base,
      { ...resting, atProvider: standbyless },
      'there is no standby in another zone yet',
    ],
    [
      'the standby is on its way out',
      wished,
      { zone: '1' },
      { ...resting, initProvider: { zone: '1' } },
      'there is no standby in another zone yet',
    ],
    [
      'it has the other kind of standby',
      wished,
      { zone: '1', enforced: block('2') },
      { ...resting, atProvider: { ...standbyless, highAvailability: sameZone } },
      'there is no standby in another zone yet',
    ],
    [
      'the standby that is reported is one of before, and another one is only now asked for',
      wished,
      { zone: '1', enforced: block('2') },
      { ...resting, initProvider: { zone: '1' } },
      'the last change of the server is not through yet',
    ],
    [
      'the provider has not seen its last change',
      wished,
      base,
      { ...resting, generation: 5 },
      'the last change of the server is not through yet',
    ],
  ])('waits and says so while %s', (_, asked, planned, facts, why) => {
    expect(zoneMove(asked, planned, fact(facts))).toEqual({
      ...planned,
      told: `spec.highAvailability.activeZone "${asked.asked}" waits: ${why}`,
    });
  });

  it('is not taken for how the server stood', () => {
    const forProvider = { version: '17', zone: '2', highAvailability: block('1') };
    const created = beforeExchange(fact({ ...resting, forProvider }));
    expect(created.forProvider).toEqual({ version: '17' });
    expect(zonePlan({ zone: '1', standby: block('2'), busy: true }, created)).toEqual(base);
    // Switched on later: the block stands in forProvider, with the zone that Azure chose.
    const later = beforeExchange(fact({ ...resting, initProvider: { zone: '1' }, forProvider }));
    expect(later.forProvider.highAvailability).toEqual(block('2'));
    expect(zonePlan({ zone: '1', busy: true }, later)).toEqual({ zone: '1', enforced: block('2') });
    const without = fact(resting);
    expect(beforeExchange(without)).toBe(without);
  });

  it('begins while nothing else needs the server', () => {
    const writer = { key: 'a', role: 'Primary' };
    const replica = { key: 'b', role: 'Replica' };
    const held = (phase: string, follower: object, b?: string) =>
      askedZone(
        '2',
        { phase, servers: [writer, follower] } as never, // what it reads of a failover
        facts({ a: fact(resting), b: fact({ atProvider: { id: b } }) }),
      ).held;
    expect(held('Stable', replica, 'there')).toBeUndefined();
    expect(held('Unprotected', { ...replica, role: 'Former' })).toBeUndefined();
    expect(held('Stable', { ...replica, retiring: true })).toBeUndefined();
    expect(held('Stable', replica)).toBe('until the replica is made');
    expect(held('Reprotecting', replica, 'there')).toBe('until the phase is Stable; it is Reprotecting');
    expect(held('Upgrading', replica, 'there')).toBe('until the phase is Stable; it is Upgrading');
  });

  it('is reached for every server once one of them has reached it', () => {
    const there = fact({ annotations: { 'database.platform.io/zone-reached': '2' } });
    const failover = { phase: 'Stable', servers: [{ key: 'a' }, { key: 'b' }] } as never; // what it reads of a failover
    const reached = (asked: string | undefined) => askedZone(asked, failover, facts({ a: fact(), b: there })).reached;
    expect([reached('2'), reached('1'), reached(undefined)]).toEqual([true, false, false]);
  });
});
