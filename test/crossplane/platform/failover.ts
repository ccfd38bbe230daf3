import assert from 'node:assert/strict';
import { it } from 'node:test';
import { waitFor } from '../wait-for.ts';
import { type Document, example, named, readmeExample } from './documents.ts';
import {
  datedPhases,
  deletedKeys,
  failoverOf,
  fenceInAzure,
  hosts,
  phases,
  rolesOf,
  serversOf,
  statuses,
  untilFailover,
  writeTargetOf,
} from './failover-watch.ts';
import { conditionOf, isTrue, resourceName } from './live-object.ts';
import { type Platform, xr } from './platform.ts';
import { claimSettled, composed, xrOfClaim, xrSettled } from './readiness.ts';

const ALL_PHASES = ['Stable', 'Fencing', 'Promoting', 'CuttingOver', 'Unprotected', 'Reprotecting', 'Stable'];

const NOT_DATA = /-witness-(before|after)$|^usage-of-/;

/** What the user owns: an XR, or a claim. */
interface Owned {
  readonly document: Document;
  /** Resource name for kubectl. */
  readonly resource: string;
  readonly settled: (platform: Platform, name: string) => Promise<number>;
  readonly composite: (platform: Platform, name: string) => Promise<string>;
  readonly secret: (platform: Platform, composite: string) => string;
}

const asXr = (document: Document): Owned => ({
  document,
  resource: 'xpostgresqldatabases.database.platform.io',
  settled: xrSettled,
  composite: async (_, name) => name,
  secret: (platform, composite) => {
    const secret = composed(platform, composite).find((each) => resourceName(each) === 'connection-secret');
    return secret?.metadata.name ?? '';
  },
});

const asClaim = (document: Document): Owned => ({
  document,
  resource: 'postgresqldatabases.claims.database.platform.io',
  settled: claimSettled,
  composite: xrOfClaim,
  secret: () => `${document.metadata.name}-connection`,
});

/** The README's database in other regions. */
const elsewhere = (): Document => {
  const document = readmeExample();
  return { ...document, spec: { ...document.spec, regions: example('claims/claim.yaml').spec.regions } };
};

/** What a person types. */
const patch = ({ controlPlane }: Platform, { document, resource }: Owned, failover: object): Promise<string> =>
  controlPlane.kubectl([
    ...['patch', resource, document.metadata.name, '-n', document.metadata.namespace ?? ''],
    ...['--type=merge', '-p', JSON.stringify({ spec: { failover } })],
  ]);

const remove = async (platform: Platform, { document, resource }: Owned, composite: string): Promise<void> => {
  const { name, namespace = '' } = document.metadata;
  await platform.controlPlane.kubectl(['delete', resource, name, '-n', namespace, '--timeout=240s']);
  await waitFor(`${name} to be gone`, () => composed(platform, composite).length === 0, { deadlineMs: 240_000 });
};

const regionOf = (platform: Platform, composite: string, role: string): string =>
  serversOf(platform, composite).find((each) => each.role === role)?.region ?? '';

/** Waits until writes are in a region and it is protected; tells how long both took. */
async function follow(platform: Platform, composite: string, region: string, asked: number, what: string) {
  const seconds = (): number => (Date.now() - asked) / 1000;
  const simulated = (wall: number): string =>
    `${wall.toFixed(1)} s, ${((wall * platform.azure.state.options.speed) / 60).toFixed(0)} minutes of simulated time`;
  await untilFailover(platform, composite, `the names to move to ${region}`, () => {
    const target = writeTargetOf(platform, composite);
    const server = serversOf(platform, composite).find((each) => target?.startsWith(`${each.name}.`));
    return server?.region === region;
  });
  const moved = seconds();
  await untilFailover(platform, composite, 'to be protected again', ({ phase }) => {
    const replica = serversOf(platform, composite).some(({ role }) => role === 'Replica');
    return phase === 'Stable' && replica && regionOf(platform, composite, 'Primary') === region;
  });
  console.log(
    `${what} of ${composite}: write name moved after ${simulated(moved)}; protected again after ${simulated(seconds())} (simulated Azure)`,
  );
}

/** Azure keeps clients off every former writer, and off no other server. */
function fencedAreFormers(platform: Platform, composite: string): void {
  for (const server of composed(platform, composite)) {
    const role = server.metadata.labels?.role;
    const { 'database.platform.io/witness': witness } = server.metadata.labels ?? {};
    if (server.kind !== 'FlexibleServer' || witness === 'true') continue;
    const fence = fenceInAzure(platform, composite, resourceName(server));
    if (role === 'former') assert.deepEqual(fence, ['on', 'Deny'], `${resourceName(server)} is fenced`);
    else assert.notEqual(fence[0], 'on', `${resourceName(server)} takes writes, or follows`);
  }
}

/** The steps that take time, and the end, say since when they last. */
async function tellsSince(platform: Platform, composite: string, start: number): Promise<void> {
  await untilFailover(platform, composite, 'to say since when it is over', ({ since }) => since !== undefined);
  const dated = datedPhases(platform.observer.changes.slice(start), composite);
  for (const phase of ['Promoting', 'Reprotecting', 'Stable']) assert.ok(dated.has(phase), `${phase} has a date`);
}

/** There and back, by two patches and nothing else. */
async function thereAndBack(it: Platform, owned: Owned): Promise<void> {
  const { name } = owned.document.metadata;
  await it.apply(owned.document);
  await owned.settled(it, name);
  const composite = await owned.composite(it, name);
  await xrSettled(it, composite);
  await untilFailover(it, composite, 'to be ready for a failover', ({ phase }) => phase === 'Stable');
  assert.equal(conditionOf(xr(it.observer, composite), 'FailoverReady')?.status, 'True');
  const first = regionOf(it, composite, 'Primary');
  const second = regionOf(it, composite, 'Replica');
  const secret = owned.secret(it, composite);
  const start = it.observer.changes.length;
  const sent = it.requests.length;

  let asked = Date.now();
  await patch(it, owned, { activeRegion: 'secondary', minimumIntervalMinutes: 0 });
  await follow(it, composite, second, asked, 'failover');
  await owned.settled(it, name);
  let since = it.observer.changes.slice(start);
  assert.deepEqual(phases(since, composite), ALL_PHASES);
  await tellsSince(it, composite, start);
  assert.deepEqual(rolesOf(it, composite), [`${first} 1 Former`, `${first} 2 Replica`, `${second} 1 Primary`]);
  fencedAreFormers(it, composite);
  assert.deepEqual(
    deletedKeys(since, composite).filter((key) => !NOT_DATA.test(key)),
    [],
  );

  const back = it.observer.changes.length;
  asked = Date.now();
  await patch(it, owned, { activeRegion: 'primary' });
  await follow(it, composite, first, asked, 'failback');
  await owned.settled(it, name);
  since = it.observer.changes.slice(back);
  assert.deepEqual(phases(since, composite), ALL_PHASES);
  assert.deepEqual(rolesOf(it, composite), [
    `${first} 1 Former`,
    `${first} 2 Primary`,
    `${second} 1 Former`,
    `${second} 2 Replica`,
  ]);
  fencedAreFormers(it, composite);
  assert.deepEqual(
    deletedKeys(since, composite).filter((key) => !NOT_DATA.test(key)),
    [],
  );
  assert.equal(hosts(it.observer.changes, secret).length, 1, 'applications have had one host all the time');
  const group = `/resourceGroups/${xr(it.observer, composite)?.status?.resourceGroupName}/`;
  assert.deepEqual(
    it.requests
      .slice(sent)
      .filter(({ id }) => id.includes(group))
      .flatMap(({ method, id, outcome }) => (outcome.ok ? [] : [`${method} ${id}: ${outcome.message}`])),
    [],
  );
  await remove(it, owned, composite);
}

export function failoverScenarios(platform: () => Platform): void {
  it('moves writes of an XR to the other region and back', { timeout: 900_000 }, () =>
    thereAndBack(platform(), asXr(named(elsewhere(), 'moving'))),
  );

  it('moves writes of a claim to the other region and back', { timeout: 900_000 }, () => {
    const document = named(example('claims/claim.yaml'), 'moving-claim');
    const writeConnectionSecretToRef = { name: 'moving-claim-connection' };
    return thereAndBack(platform(), asClaim({ ...document, spec: { ...document.spec, writeConnectionSecretToRef } }));
  });

  it('goes to the other region when one is lost, and says that data may be lost', { timeout: 900_000 }, async () => {
    const it = platform();
    const owned = asXr(named(readmeExample(), 'outage'));
    const name = 'outage';
    await it.apply(owned.document);
    await xrSettled(it, name);
    await untilFailover(it, name, 'to be protected', ({ phase }) => phase === 'Stable');
    const region = regionOf(it, name, 'Primary');
    const second = regionOf(it, name, 'Replica');
    const start = it.observer.changes.length;
    it.azure.happen({ type: 'incident', incident: { what: 'region-outage', region } });
    const asked = Date.now();
    await patch(it, owned, { activeRegion: 'secondary', option: 'Forced' });
    const { call = '' } = await untilFailover(it, name, 'to show the call', (status) => status.call !== undefined);
    console.log(`shown while ${region} is lost: ${call}`);
    const replica = serversOf(it, name).find(({ role }) => role === 'Replica');
    assert.ok(replica?.id && call.includes(`https://management.azure.com${replica.id}?api-version=`), call);
    assert.match(failoverOf(it, name)?.message ?? '', /transactions that have not reached it are lost/);
    // The call, as Azure takes it.
    it.azure.happen({
      type: 'incident',
      incident: { what: 'promote', id: replica.id, mode: 'standalone', option: 'forced' },
    });
    await untilFailover(it, name, 'to be unprotected in the other region', ({ phase }) => phase === 'Unprotected');
    // Crossplane writes the status, and then Ready in an update of its own.
    await waitFor('applications to be able to write', () => isTrue(xr(it.observer, name), 'Ready'));
    const lost = xr(it.observer, name);
    assert.equal(regionOf(it, name, 'Primary'), second);
    assert.equal(conditionOf(lost, 'SplitBrainPossible')?.status, 'True');
    console.log(`unprotected: ${failoverOf(it, name)?.message}; ${conditionOf(lost, 'SplitBrainPossible')?.message}`);
    it.azure.happen({ type: 'incident', incident: { what: 'region-recovery', region } });
    await follow(it, name, second, asked, 'forced failover');
    await xrSettled(it, name);
    await waitFor('no split brain', () => conditionOf(xr(it.observer, name), 'SplitBrainPossible')?.status === 'False');
    const since = it.observer.changes.slice(start);
    assert.deepEqual(phases(since, name), ALL_PHASES);
    await tellsSince(it, name, start);
    // Crossplane may read the XR before the references to a fence are in its cache; the function does not see the fence then, and says True again.
    const possible = statuses(since, name, 'SplitBrainPossible');
    assert.deepEqual([possible[0], possible[1], possible.at(-1)], ['False', 'True', 'False']);
    assert.deepEqual(rolesOf(it, name), [`${region} 1 Former`, `${region} 2 Replica`, `${second} 1 Primary`]);
    fencedAreFormers(it, name);
    assert.deepEqual(
      deletedKeys(since, name).filter((key) => !NOT_DATA.test(key)),
      [],
    );
    await remove(it, owned, name);
  });
}
