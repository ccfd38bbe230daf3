import assert from 'node:assert/strict';
import { it } from 'node:test';
import { waitFor } from '../wait-for.ts';
import { nothingLost } from './disturbances.ts';
import { example, named } from './documents.ts';
import { conditionOf, type LiveObject } from './live-object.ts';
import { type Platform, xr } from './platform.ts';
import { composed, xrSettled } from './readiness.ts';
import { eventsOf } from './ready.ts';

const QUOTA =
  "primary-server: the subscription's vCore quota in this region is used up; ask for more quota, or choose a smaller size";

const specs = (objects: readonly LiveObject[]): unknown => objects.map(({ metadata, spec }) => [metadata.name, spec]);

interface StatusServer {
  readonly name: string;
  readonly zone?: string;
  readonly id?: string;
}

const serversOf = (platform: Platform, name: string): readonly StatusServer[] => {
  const servers = xr(platform.observer, name)?.status?.servers;
  // As the XRD describes it.
  return Array.isArray(servers) ? (servers as StatusServer[]) : [];
};

/** Azure refuses, and Azure moves a server by itself. */
export function azureFaultScenarios(platform: () => Platform): void {
  it('says in one sentence that quota is used up, and goes on when there is more', { timeout: 600_000 }, async () => {
    const it = platform();
    const document = named(example('minimal/xr.yaml'), 'quota');
    const begin = it.observer.changes.length;
    it.azure.happen({
      type: 'fault',
      fault: { id: 'quota', on: { region: 'eastus2' }, effect: { type: 'quota', vCores: 1 } },
    });
    await it.apply(document);
    await waitFor('PrimaryReady to say why', () => {
      const { status, reason, message } = conditionOf(xr(it.observer, 'quota'), 'PrimaryReady') ?? {};
      if (status === 'False' && reason === 'Refused' && message === QUOTA) return true;
      throw new Error(`${status} ${reason}: ${message}`);
    });
    it.azure.happen({ type: 'clear', fault: 'quota' });
    const seconds = await xrSettled(it, 'quota');
    console.log(`quota refused: PrimaryReady says "${QUOTA}"; Ready ${seconds.toFixed(1)} s after there was more`);
    nothingLost(it, begin);
    await it.controlPlane.kubectl([
      'delete',
      'xpg',
      'quota',
      '-n',
      document.metadata.namespace ?? '',
      '--timeout=240s',
    ]);
    await waitFor('it to be gone', () => composed(it, 'quota').length === 0, { deadlineMs: 240_000 });
  });

  it('leaves a zone failover alone and tells of it', { timeout: 600_000 }, async () => {
    const it = platform();
    const document = example('zone-redundant/xr.yaml');
    const { name, namespace = '' } = document.metadata;
    const { highAvailability } = document.spec;
    await it.apply(document);
    await xrSettled(it, name);
    const before = composed(it, name);
    const [server] = serversOf(it, name);
    assert.ok(server?.id, 'the server has an id');
    assert.equal(server.zone, '1');
    const begin = it.observer.changes.length;
    const sent = it.requests.length;
    it.azure.happen({ type: 'incident', incident: { what: 'failover', id: server.id } });
    await waitFor('the XR to show the other zone', () => serversOf(it, name)[0]?.zone === '3');
    const event = await waitFor('the event', () =>
      eventsOf(it, name).find((line) => line.startsWith('Warning ZoneFailedOver')),
    );
    console.log(`zone failover of ${JSON.stringify(highAvailability)}: ${event}`);
    await xrSettled(it, name);
    assert.deepEqual(it.requests.slice(sent), [], 'nothing is sent to Azure');
    assert.deepEqual(specs(composed(it, name)), specs(before), 'nothing that is asked for has changed');
    for (const each of composed(it, name))
      assert.notEqual(conditionOf(each, 'Synced')?.status, 'False', `${each.metadata.name} is Synced`);
    nothingLost(it, begin);
    await it.controlPlane.kubectl(['delete', 'xpg', name, '-n', namespace, '--timeout=240s']);
    await waitFor('it to be gone', () => composed(it, name).length === 0, { deadlineMs: 240_000 });
  });
}
