import { read } from '../../src/api/door.ts';
import { runFunction } from '../../src/function.ts';
import { plan } from '../../src/plan/plan.ts';
import { facts } from '../support/observed.ts';
import { settle } from '../support/passes.ts';
import { oneRegion, request, twoRegions, xr } from '../support/requests.ts';

const watched = { monitoring: { alerts: { enabled: true, emails: ['a@example.org'] } } };
const standby = { highAvailability: { mode: 'SameZone' } };
const byJob = { executor: 'Job', executorIdentity: { clientId: '00000000-0000-0000-0000-000000000001' } };
const good = {
  ...twoRegions,
  ...watched,
  ...standby,
  failover: byJob,
  objectives: { rtoMinutes: 15, rpoMinutes: 5 },
};

const reasons = (spec: object): string[] | undefined => {
  const reading = read(xr('namespaced', spec), undefined);
  if (!('database' in reading)) throw new Error(JSON.stringify(reading.problems));
  return plan(reading.database, facts({}), 0).objectives?.map(({ reason }) => reason);
};

it('nothing is said without objectives', () => {
  expect(reasons(twoRegions)).toBeUndefined();
  expect(reasons({ ...twoRegions, objectives: {} })).toBeUndefined();
});

it('two regions with a standby and an alert on the lag can do it', () => {
  expect(reasons(good)).toEqual([]);
});

it.each<[string, object, string[]]>([
  ['one region', { ...good, ...oneRegion, regions: oneRegion.regions }, ['NoSecondaryRegion', 'NoSecondaryRegion']],
  ['no standby', { ...good, highAvailability: { mode: 'Disabled' } }, ['NoStandby']],
  ['no standby, and no outage to speak of', { ...twoRegions, ...watched, objectives: { rpoMinutes: 5 } }, []],
  [
    'a minute for the standby',
    { ...good, network: { ttlSeconds: 5 }, objectives: { rtoMinutes: 1 } },
    ['StandbyTooSlow'],
  ],
  ['two minutes for the standby', { ...good, objectives: { rtoMinutes: 2 } }, []],
  ['names that live as long as the outage may last', { ...good, network: { ttlSeconds: 900 } }, ['NamesTooSlow']],
  [
    'a public name that lives that long',
    { ...good, network: { trafficManager: { enabled: true, ttlSeconds: 900 } } },
    ['NamesTooSlow'],
  ],
  ['a public name that nobody asked for', { ...good, network: { trafficManager: { ttlSeconds: 900 } } }, []],
  ['names that live just short enough', { ...good, network: { ttlSeconds: 865 } }, []],
  ['less loss than an asynchronous replica has', { ...good, objectives: { rpoMinutes: 4 } }, ['AsynchronousReplica']],
  [
    'no loss at all, which no alert can be early enough for',
    { ...good, objectives: { rpoMinutes: 0 } },
    ['AsynchronousReplica', 'LagAlertTooLate'],
  ],
  ['nobody who hears of the lag', { ...good, monitoring: {} }, ['LagNotWatched']],
  [
    'Datadog alone, which has no such metric',
    { ...good, monitoring: { datadog: { enabled: true } } },
    ['LagNotWatched'],
  ],
  [
    'the alert left out',
    { ...good, monitoring: { ...watched.monitoring, exclude: ['ReplicationLagSeconds'] } },
    ['LagNotWatched'],
  ],
  [
    'an alert that is too late',
    { ...good, monitoring: { ...watched.monitoring, thresholds: { replicationLagSeconds: 301 } } },
    ['LagAlertTooLate'],
  ],
  ['a person who makes the call', { ...good, failover: {} }, ['CallManual']],
  ['the same without an outage to speak of', { ...good, failover: {}, objectives: { rpoMinutes: 5 } }, []],
  ['a person between promotion and names', { ...good, failover: { ...byJob, cutover: 'Manual' } }, ['CutoverManual']],
  ['a person before the new replica', { ...good, failover: { ...byJob, reprotect: 'Manual' } }, ['ReprotectManual']],
])('%s', (_, spec, expected) => {
  expect(reasons(spec)).toEqual(expected);
});

it.each<[string, object, number, string[]]>([
  ['a copy of the backup loses up to an hour', {}, 60, []],
  ['and not less', {}, 59, ['NoSecondaryRegion']],
  ['without a copy all is lost', { database: { geoRedundantBackup: false } }, 60, ['NoSecondaryRegion']],
])('one region: %s', (_, spec, rpoMinutes, expected) => {
  expect(reasons({ ...oneRegion, ...spec, objectives: { rpoMinutes } })).toEqual(expected);
});

describe('condition ObjectivesAttainable', () => {
  const answer = (spec: object, conditions: object[] = []) => {
    const object = xr('namespaced', spec);
    const response = runFunction(request({ ...object, status: { conditions } }, { observed: settle(object).observed }));
    const found = response.conditions.find(({ type }) => type === 'ObjectivesAttainable');
    return {
      condition: found && `${['', 'Unknown', 'True', 'False'][found.status]} ${found.reason}: ${found.message}`,
      events: response.results.flatMap(({ severity, reason, message }) =>
        reason === 'ObjectivesAttainable' ? [`${severity} ${message}`] : [],
      ),
    };
  };
  const tooMuch = { ...good, failover: { ...byJob, cutover: 'Manual', reprotect: 'Manual' } };
  const sentence =
    'the names wait for a person in the middle of a failover; set spec.failover.cutover to Automatic; after a failover there is no replica until a person asks for one; set spec.failover.reprotect to Automatic';

  it('is there only where it is asked for', () => {
    expect(answer(twoRegions)).toEqual({ condition: undefined, events: [] });
    expect(answer(good).condition).toMatch(/^True NothingRulesThemOut: nothing in the spec rules them out/);
  });

  it('says everything that has to change, and warns once', () => {
    const { condition, events } = answer(tooMuch);
    expect(condition).toBe(`False CutoverManual: ${sentence}`);
    expect(events).toEqual([`2 CutoverManual: ${sentence}`]);
    const before = { type: 'ObjectivesAttainable', status: 'False', reason: 'CutoverManual', message: sentence };
    expect(answer(tooMuch, [before])).toEqual({ condition, events: [] });
  });

  it('does not stay False once the objectives are taken away', () => {
    const before = { type: 'ObjectivesAttainable', status: 'False', reason: 'CutoverManual', message: sentence };
    expect(answer(twoRegions, [before]).condition).toBe('True NotRequested: nothing of this is asked for');
  });
});
