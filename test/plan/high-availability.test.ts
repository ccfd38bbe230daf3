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
});
