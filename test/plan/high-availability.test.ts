import { zonePlan } from '../../src/plan/high-availability.ts';
import { fact } from '../support/observed.ts';

const ID = { id: '/subscriptions/0/server' };
const zoneRedundant = { mode: 'ZoneRedundant', standbyAvailabilityZone: '2' } as const;

describe('zones and high availability', () => {
  it('go into initProvider at creation, the block as a whole', () => {
    expect(zonePlan({ zone: '1', standby: zoneRedundant }, undefined)).toEqual({ zone: '1', initial: zoneRedundant });
  });

  it('stay as they were given after a zone failover, so that nothing is sent', () => {
    const failedOver = fact({
      initProvider: { zone: '1', highAvailability: zoneRedundant },
      atProvider: { ...ID, zone: '2', highAvailability: { mode: 'ZoneRedundant', standbyAvailabilityZone: '1' } },
    });
    expect(zonePlan({ zone: '1', standby: zoneRedundant }, failedOver)).toEqual({ zone: '1', initial: zoneRedundant });
  });

  it('stay as they were given when the spec names other zones later', () => {
    const running = fact({ initProvider: { zone: '1', highAvailability: zoneRedundant }, atProvider: ID });
    expect(zonePlan({ zone: '3', standby: { ...zoneRedundant, standbyAvailabilityZone: '1' } }, running)).toEqual({
      zone: '1',
      initial: zoneRedundant,
    });
  });

  it('leave both places when switched off, which is how the provider is told', () => {
    const running = fact({ initProvider: { zone: '1', highAvailability: zoneRedundant }, atProvider: ID });
    expect(zonePlan({ zone: '1' }, running)).toEqual({ zone: '1' });
  });

  it('are asked for in forProvider when switched on later, and follow the standby zone that Azure chose', () => {
    const running = fact({ initProvider: { zone: '1' }, atProvider: ID });
    expect(zonePlan({ zone: '1', standby: zoneRedundant }, running)).toEqual({ zone: '1', enforced: zoneRedundant });
    const chosen = fact({
      initProvider: { zone: '1' },
      forProvider: { highAvailability: zoneRedundant },
      atProvider: { ...ID, highAvailability: { mode: 'ZoneRedundant', standbyAvailabilityZone: '3' } },
    });
    expect(zonePlan({ zone: '1', standby: zoneRedundant }, chosen).enforced).toEqual({
      mode: 'ZoneRedundant',
      standbyAvailabilityZone: '3',
    });
  });

  it('are switched neither on nor off while a failover is under way', () => {
    const without = fact({ initProvider: { zone: '1' }, forProvider: { version: '17' }, atProvider: ID });
    const asked = { zone: '1', standby: zoneRedundant };
    expect(zonePlan({ ...asked, busy: true }, without)).toEqual({ zone: '1' });
    const initial = fact({ initProvider: { zone: '1', highAvailability: zoneRedundant }, atProvider: ID });
    expect(zonePlan({ zone: '1', busy: true }, initial)).toEqual({ zone: '1', initial: zoneRedundant });
    const enforced = fact({ ...without, forProvider: { version: '17', highAvailability: zoneRedundant } });
    expect(zonePlan({ zone: '1', busy: true }, enforced)).toEqual({ zone: '1', enforced: zoneRedundant });
    // What another control plane has switched on stays on.
    const atProvider = { ...ID, highAvailability: { mode: 'ZoneRedundant', standbyAvailabilityZone: '3' } };
    const lookedAt = fact({ initProvider: { zone: '1' }, forProvider: {}, atProvider });
    expect(zonePlan({ ...asked, busy: true }, lookedAt).enforced?.mode).toBe('ZoneRedundant');
  });

  it('adopt the zone of a server that was created without one', () => {
    expect(zonePlan({}, fact({ atProvider: { ...ID, zone: '2' } }))).toEqual({ zone: '2' });
  });

  it('can still be changed while Azure refuses to create the server', () => {
    const refused = fact({ initProvider: { zone: '1', highAvailability: zoneRedundant }, ready: false });
    const other = { mode: 'ZoneRedundant', standbyAvailabilityZone: '3' } as const;
    expect(zonePlan({ zone: '2', standby: other }, refused)).toEqual({ zone: '2', initial: other });
  });

  it('wait until Azure has left a Burstable size', () => {
    const burstable = fact({ initProvider: { zone: '1' }, atProvider: { ...ID, skuName: 'B_Standard_B2ms' } });
    expect(zonePlan({ zone: '1', standby: zoneRedundant }, burstable)).toEqual({ zone: '1' });
  });

  describe('of the other mode', () => {
    const sameZone = { mode: 'SameZone', standbyAvailabilityZone: '1' } as const;
    const wished = { zone: '1', standby: sameZone };
    const atProvider = { ...ID, highAvailability: zoneRedundant };
    const synced = (observedGeneration?: number) => [
      { type: 'Synced', status: 'True', reason: '', message: '', observedGeneration },
    ];
    const empty = { initProvider: { zone: '1' }, atProvider, generation: 4 };

    it('are switched off first', () => {
      const initial = fact({ initProvider: { zone: '1', highAvailability: zoneRedundant }, atProvider });
      expect(zonePlan(wished, initial)).toEqual({ zone: '1' });
      const enforced = fact({ ...empty, forProvider: { highAvailability: zoneRedundant } });
      expect(zonePlan(wished, enforced)).toEqual({ zone: '1' });
    });

    it('stay as they are while a failover is under way', () => {
      const initial = fact({ initProvider: { zone: '1', highAvailability: zoneRedundant }, atProvider });
      expect(zonePlan({ ...wished, busy: true }, initial)).toEqual({ zone: '1', initial: zoneRedundant });
      const enforced = fact({ ...empty, forProvider: { highAvailability: zoneRedundant } });
      expect(zonePlan({ ...wished, busy: true }, enforced)).toEqual({ zone: '1', enforced: zoneRedundant });
    });

    it('wait until Azure is seen with the mode that was sent, unless that was refused', () => {
      const unseen = { initProvider: { zone: '1' }, forProvider: { highAvailability: zoneRedundant }, atProvider: ID };
      expect(zonePlan(wished, fact(unseen))).toEqual({ zone: '1', enforced: zoneRedundant });
      const refused = [{ type: 'LastAsyncOperation', status: 'False', reason: '', message: '' }];
      expect(zonePlan(wished, fact({ ...unseen, conditions: refused }))).toEqual({ zone: '1', enforced: sameZone });
    });

    it('are asked for once the provider has done that, and not before', () => {
      expect(zonePlan(wished, fact({ ...empty, conditions: synced(4) }))).toEqual({ zone: '1', enforced: sameZone });
      expect(zonePlan(wished, fact({ ...empty, conditions: synced(3) }))).toEqual({ zone: '1' });
      expect(zonePlan(wished, fact({ ...empty, conditions: synced() }))).toEqual({ zone: '1' });
      expect(zonePlan({ ...wished, busy: true }, fact({ ...empty, conditions: synced(4) }))).toEqual({ zone: '1' });
      const failed = { type: 'LastAsyncOperation', status: 'False', reason: '', message: '' };
      expect(zonePlan(wished, fact({ ...empty, conditions: [...synced(4), failed] }))).toEqual({ zone: '1' });
    });
  });
});
