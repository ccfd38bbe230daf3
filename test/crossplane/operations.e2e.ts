import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { preflightEachMinute, reportOf } from './platform/cron-operation.ts';
import { type Document, example, named, readmeExample } from './platform/documents.ts';
import { failoverOf, rolesOf, serversOf, untilFailover } from './platform/failover-watch.ts';
import { conditionOf, type LiveObject } from './platform/live-object.ts';
import { type Platform, startPlatform, xr } from './platform/platform.ts';
import { claimSettled, xrOfClaim, xrSettled } from './platform/readiness.ts';
import { repositoryRoot } from './tools.ts';
import { waitFor } from './wait-for.ts';

interface Owner {
  readonly manager: string;
  readonly operation: string;
  readonly fieldsV1: object;
}

/** An example Operation under another name, for another database. */
function operation(file: string, name: string, target: string): Document {
  const document = example(`operations/${file}`);
  const [step] = document.spec.pipeline as { input: { spec: { target: object } } }[];
  assert.ok(step, file);
  const input = { ...step.input, spec: { ...step.input.spec, target: { ...step.input.spec.target, name: target } } };
  return { ...named(document, name), spec: { ...document.spec, pipeline: [{ ...step, input }] } };
}

describe('Operations on a real control plane with a simulated Azure', { timeout: 20 * 60_000 }, () => {
  let platform: Platform;
  let begin = Date.now();
  const seconds = (): string => `${((Date.now() - begin) / 1000).toFixed(1)} s`;

  before(async () => {
    begin = Date.now();
    platform = await startPlatform({ from: 'checkout', checkout: repositoryRoot, speed: 120 });
    await platform.controlPlane.kubectl(['create', 'namespace', 'team-a']);
    const claim = named(example('claims/claim.yaml'), 'orders-claim');
    await platform.apply(named(readmeExample(), 'orders'), claim);
    await Promise.all([xrSettled(platform, 'orders', 400), claimSettled(platform, 'orders-claim', 400)]);
    const composite = await xrOfClaim(platform, 'orders-claim');
    for (const name of ['orders', composite])
      await untilFailover(platform, name, 'to be ready for a failover', ({ phase }) => phase === 'Stable');
    console.log(`${seconds()} both databases are settled`);
  });

  after(async () => {
    console.log(`${seconds()} the end`);
    await platform?.stop();
  });

  const stored = async (name: string): Promise<LiveObject> =>
    JSON.parse(await platform.controlPlane.kubectl(['get', 'operation.ops.crossplane.io', name, '-o', 'json']));

  /** Applies an Operation and waits for its end. */
  const run = async (document: Document): Promise<LiveObject> => {
    await platform.apply(document);
    return waitFor(`Operation ${document.metadata.name} to end`, async () => {
      const object = await stored(document.metadata.name);
      const { status } = conditionOf(object, 'Succeeded') ?? {};
      if (status === 'True' || status === 'False') return object;
      throw new Error(JSON.stringify(object.status));
    });
  };

  const succeeded = (object: LiveObject): string =>
    `${conditionOf(object, 'Succeeded')?.status} ${conditionOf(object, 'Synced')?.message ?? ''}`.trim();

  /** Who wrote which fields of an object by server-side apply. */
  const owners = async (resource: string, name: string): Promise<Owner[]> => {
    const object = await platform.controlPlane.kubectl([
      ...['get', resource, name, '-n', 'team-a', '-o', 'json', '--show-managed-fields'],
    ]);
    return JSON.parse(object).metadata.managedFields;
  };

  it('a preflight reports, and changes nothing', async () => {
    const object = await run(operation('preflight.yaml', 'preflight-1', 'orders'));
    assert.equal(succeeded(object), 'True');
    const { message, failoverReady } = reportOf(object);
    assert.equal(message, 'a failover would begin now');
    assert.equal(failoverReady, conditionText(xr(platform.observer, 'orders')));
    assert.equal(object.status?.appliedResourceRefs, undefined);
  });

  it('a CronOperation makes a preflight each minute, which succeeds and changes nothing', () =>
    preflightEachMinute(platform, 'each-minute', 'orders'));

  for (const [what, file, target, resource, composite] of [
    ['a drill', 'drill.yaml', 'orders', 'xpostgresqldatabases.database.platform.io', async () => 'orders'],
    [
      'a failover',
      'failover.yaml',
      'orders-claim',
      'postgresqldatabases.claims.database.platform.io',
      () => xrOfClaim(platform, 'orders-claim'),
    ],
  ] as const)
    it(`${what} sets the one field of ${target}, and writes move`, async () => {
      const name = await composite();
      const region = serversOf(platform, name).find(({ role }) => role === 'Replica')?.region;
      const asked = Date.now();
      const object = await run(operation(file, `${target}-1`, target));
      assert.equal(succeeded(object), 'True');
      const ended = ((Date.now() - asked) / 1000).toFixed(1);
      const own = (await owners(resource, target)).filter(({ manager }) => manager.startsWith('ops.crossplane.io/'));
      assert.deepEqual(
        own.map(({ manager, operation, fieldsV1 }) => ({ manager, operation, fieldsV1 })),
        [
          {
            manager: `ops.crossplane.io/operation/${object.metadata.uid}`,
            operation: 'Apply',
            fieldsV1: { 'f:spec': { 'f:failover': { 'f:activeRegion': {} } } },
          },
        ],
      );
      await untilFailover(platform, name, `writes to be in ${region}`, ({ phase }) => {
        const writer = serversOf(platform, name).find(({ role }) => role === 'Primary');
        return phase === 'Stable' && writer?.region === region;
      });
      console.log(`${what}: the Operation ended after ${ended} s, the failover after ${(Date.now() - asked) / 1000} s`);
      assert.equal(rolesOf(platform, name).length, 3);
      const { history } = await untilFailover(platform, name, 'to tell how long it took', ({ history = [] }) =>
        history.some(({ secondsToProtected }) => secondsToProtected !== undefined),
      );
      const [{ secondsToWritable = 0, secondsToProtected = 0 } = {}, ...others] = history ?? [];
      assert.deepEqual(others, []);
      const observed = (Date.now() - asked) / 1000;
      assert.ok(0 < secondsToWritable && secondsToWritable < secondsToProtected, JSON.stringify(history));
      assert.ok(
        secondsToProtected <= observed + 1,
        `${secondsToProtected} s in the status, ${observed} s by this clock`,
      );
      console.log(`${what}: ${JSON.stringify({ operation: object.status, failover: failoverOf(platform, name) })}`);
    });

  it('fails and says why while a failover would not begin', async () => {
    await waitFor('FailoverReady to say that it is too soon', () =>
      conditionText(xr(platform.observer, 'orders')).startsWith('False TooSoon'),
    );
    const object = await run(operation('preflight.yaml', 'preflight-2', 'orders'));
    assert.equal(conditionOf(object, 'Succeeded')?.status, 'False');
    const events = await platform.controlPlane.kubectl([
      ...[
        'get',
        'events',
        '-A',
        '--field-selector',
        'involvedObject.name=preflight-2',
        '-o',
        'jsonpath={.items[*].message}',
      ],
    ]);
    assert.match(
      events,
      /team-a\/orders: FailoverReady is False, TooSoon: the last failover ended less than 30 minutes/,
    );
    console.log(`preflight-2: ${JSON.stringify(object.status)}`);
  });
});

const conditionText = (object: LiveObject | undefined): string => {
  const { status, reason, message } = conditionOf(object, 'FailoverReady') ?? {};
  return `${status} ${reason}: ${message}`;
};
