import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ControlPlane, startControlPlane } from '../crossplane/control-plane.ts';
import { waitFor } from '../crossplane/wait-for.ts';
import { install } from './published.ts';

const NAMESPACED = 'xpostgresqldatabases.database.platform.io';
const MANAGEMENT = '--as=system:serviceaccount:team-a:minimal-management';

/** A CRD of the flavours' resource names that takes any spec: the policy must hold whatever the XRD comes to say. */
const standIn = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: NAMESPACED },
  spec: {
    group: 'database.platform.io',
    scope: 'Namespaced',
    names: { kind: 'XPostgreSQLDatabase', plural: 'xpostgresqldatabases' },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};
const standInDatabase = {
  apiVersion: 'database.platform.io/v1alpha1',
  kind: 'XPostgreSQLDatabase',
  metadata: { name: 'minimal', namespace: 'team-a' },
  spec: { regions: { primary: { name: 'eastus2' } }, management: { enabled: true }, failover: { region: 'primary' } },
};

describe('examples/install/failover-policy.yaml', () => {
  let controlPlane: ControlPlane;
  const kubectl: ControlPlane['kubectl'] = (args, stdin) => controlPlane.kubectl(args, stdin);
  const apply = (object: object): Promise<string> => kubectl(['apply', '-f', '-'], JSON.stringify(object));

  before(async () => {
    controlPlane = await startControlPlane();
    await kubectl(['create', 'namespace', 'team-a']);
  });

  after(() => controlPlane?.stop());

  it('lets a management ServiceAccount change spec.failover and nothing else', async () => {
    await apply(standIn);
    await kubectl(['wait', '--for=condition=Established', `crd/${NAMESPACED}`, '--timeout=240s']);
    await kubectl(['apply', '--validate=strict', '-f', install('failover-policy.yaml')]);
    await waitFor('the stand-in to be served', () => apply(standInDatabase));
    // What the composed Role grants, and more, so that it is the policy that refuses.
    await kubectl(['create', 'clusterrole', 'everything', '--verb=*', '--resource=*.database.platform.io']);
    await kubectl([
      'create',
      'clusterrolebinding',
      'everything',
      '--clusterrole=everything',
      '--group=system:serviceaccounts',
    ]);

    const patch = (body: object, ...args: string[]): Promise<string> =>
      kubectl(['patch', NAMESPACED, 'minimal', '-n', 'team-a', '--type=merge', `-p=${JSON.stringify(body)}`, ...args]);
    const refused = (body: object): Promise<string> =>
      patch(body, MANAGEMENT).then(
        () => 'accepted',
        (error: Error) => error.message,
      );
    const size = { spec: { management: { enabled: false } } };
    await waitFor('the policy to be enforced', async () => (await refused(size)) !== 'accepted');

    assert.match(await refused(size), /may change spec\.failover only, not spec\.management/);
    assert.match(await refused({ spec: { failover: { region: 'secondary' }, added: 1 } }), /not spec\.added/);
    assert.match(await refused({ spec: { regions: null } }), /not spec\.regions/);
    assert.match(
      await refused({ spec: null }),
      /not spec\.management, spec\.regions|not spec\.regions, spec\.management/,
    );
    assert.match(await refused({ metadata: { labels: { a: 'b' } } }), /not labels, annotations/);
    assert.match(await refused({ metadata: { annotations: { 'crossplane.io/paused': 'true' } } }), /not labels, annot/);
    assert.match(await refused({ metadata: { finalizers: ['a.b/c'] } }), /not labels, annotations, finalizers/);
    await assert.rejects(patch({ status: { a: 1 } }, '--subresource=status', MANAGEMENT), /nor write status/);
    await assert.rejects(
      kubectl(['delete', NAMESPACED, 'minimal', '-n', 'team-a', MANAGEMENT]),
      /neither create nor delete/,
    );
    const other = { ...standInDatabase, metadata: { name: 'other', namespace: 'team-a' } };
    await assert.rejects(
      kubectl(['create', '-f', '-', MANAGEMENT], JSON.stringify(other)),
      /neither create nor delete/,
    );

    assert.equal(await refused({ spec: { failover: { region: 'secondary' } } }), 'accepted');
    assert.deepEqual(JSON.parse(await kubectl(['get', '-o', 'json', NAMESPACED, 'minimal', '-n', 'team-a'])).spec, {
      ...standInDatabase.spec,
      failover: { region: 'secondary' },
    });
    assert.equal(await refused({ spec: { failover: null } }), 'accepted');
    // A name that was cut, and somebody who is no management ServiceAccount.
    const cut = '--as=system:serviceaccount:team-a:a-very-long-database-management-0123abcd';
    await assert.rejects(patch(size, cut), /may change spec\.failover only/);
    await patch(size, '--as=system:serviceaccount:team-a:deployer');
  });
});
