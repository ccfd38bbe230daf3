import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Manifest } from './azure/state.ts';
import { repository } from './cli/files.ts';
import { crdProblems } from './schemas.ts';
import { failoverOf, troubled, type World, world } from './support/world.ts';

/** The spec of examples/every-field, which has every field of the API: together, not each alone, and in both flavours. */
const { spec } = parse(readFileSync(repository('examples/every-field/xr.yaml'), 'utf8'));
const { name, key } = spec.security.adminPasswordSecretRef;
const secret: Manifest = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'team-a' },
  data: { [key]: Buffer.from('Not-A-Real-Password-1').toString('base64') },
};

/** At rest after a pass, with nothing that Azure or a CRD would refuse. Gives what applications connect with. */
function resting(here: World, pair: string): unknown {
  const { engine, cluster } = here;
  const { desired } = engine.reconcile();
  expect(engine.refusals).toEqual([]);
  expect(failoverOf(here)).toMatchObject({ phase: 'Stable', message: pair });
  expect(engine.ready).toBe(true);
  for (const type of ['ParametersReady', 'AccessReady', 'BackupConfigured', 'VirtualEndpointReady'])
    expect([type, engine.condition(type)]).toEqual([type, expect.stringMatching(/^True /)]);
  expect(troubled(here)).toEqual([]);
  expect(Object.values(desired?.resources ?? {}).flatMap(({ resource }) => crdProblems(resource))).toEqual([]);
  const secret = cluster.secrets()['team-a/orders-connection'];
  return secret ?? desired?.composite?.connectionDetails;
}

describe.each(['namespaced', 'cluster'] as const)('every field together, %s', (flavour) => {
  it('becomes ready, stays quiet, and goes through a failover and back with the same connection details', () => {
    const here = world(flavour, spec, secret);
    const { engine, cluster } = here;
    const details = resting(here, 'secondary-server follows primary-server');
    expect(details).toHaveProperty('uri');
    cluster.restartProvider();
    engine.reconcile();
    cluster.advance(3600);
    expect(cluster.requests).toEqual([]);

    engine.change({ failover: { ...spec.failover, activeRegion: 'secondary' } });
    for (let pass = 0; pass < 20; pass++) {
      engine.reconcile();
      cluster.settle();
    }
    // The one thing that a person has to do: the endpoint belongs to the former writer, and so does the lock.
    expect(engine.condition('VirtualEndpointReady')).toMatch(
      /^False Waiting: virtual-endpoint: .+ and its server has no lock/,
    );
    engine.change({ security: { ...spec.security, lock: 'None' } });
    engine.settle();
    engine.change({ security: spec.security });
    engine.settle();
    expect(resting(here, 'primary-server-2 follows secondary-server')).toEqual(details);

    engine.change({ security: { ...spec.security, lock: 'None' } });
    engine.settle();
    engine.change({ failover: { ...spec.failover, activeRegion: 'primary' } });
    engine.settle();
    expect(resting(here, 'secondary-server-2 follows primary-server-2')).toEqual(details);
  });
});
