import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { buildPackage, functionContent, stagePackage } from '../../tools/package/packages.ts';
import { readPublishing } from '../../tools/package/publishing.ts';
import { type ControlPlane, startControlPlane } from '../crossplane/control-plane.ts';
import { waitFor } from '../crossplane/wait-for.ts';
import { install, makeCrossplaneAccount, ownPrefix, publishedAt, push } from './published.ts';
import { ENVIRONMENT } from './run-image.ts';
import { rewriteImages } from './stub-providers.ts';

const { functionRepository } = readPublishing();

describe('the Deployment that Crossplane makes of the Function', () => {
  const folder = mkdtempSync(join(tmpdir(), 'package-deployment-'));
  let controlPlane: ControlPlane;

  before(async () => {
    controlPlane = await startControlPlane({ registry: true, coreArgs: ['--package-runtime=Deployment'] });
  });

  after(async () => {
    await controlPlane?.stop();
    rmSync(folder, { recursive: true });
  });

  it('has what runtime.yaml says and what the image was started with', async () => {
    const { kubectl } = controlPlane;
    const registry = controlPlane.registry?.address ?? '';
    await makeCrossplaneAccount(kubectl);
    // Nobody starts it, so it can do without the image.
    const file = join(folder, 'function.xpkg');
    stagePackage(functionContent, folder);
    buildPackage(folder, file);
    await push(file, functionRepository, registry);
    const [config] = rewriteImages(registry, [ownPrefix]);
    await kubectl(['apply', '-f', '-'], JSON.stringify(config));
    await kubectl(['apply', '--validate=strict', '-f', install('runtime.yaml'), '-f', install('function.yaml')]);

    const deployment = await waitFor('the Deployment', async () => {
      const list = await kubectl(['get', 'deployments', '-n', 'crossplane-system', '-o', 'json']);
      return JSON.parse(list).items[0];
    });
    const { replicas, template } = deployment.spec;
    const [container] = template.spec.containers;
    const [runtime, budget] = parseAllDocuments(readFileSync(install('runtime.yaml'), 'utf8')).map((each) =>
      each.toJS(),
    );
    const wanted = runtime.spec.deploymentTemplate.spec.template.spec;
    assert.equal(replicas, 2);
    assert.equal(template.spec.containers.length, 1);
    assert.deepEqual(container.resources, wanted.containers[0].resources);
    assert.deepEqual(container.securityContext, wanted.containers[0].securityContext);
    assert.deepEqual(template.spec.securityContext, wanted.securityContext);
    assert.equal(template.spec.automountServiceAccountToken, false);
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
      assert.deepEqual(container[probe].httpGet, { ...wanted.containers[0][probe].httpGet, scheme: 'HTTP' });
    for (const [name, value] of Object.entries(budget.spec.selector.matchLabels))
      assert.equal(template.metadata.labels[name], value);

    // What startImage imitates.
    assert.equal(container.image, publishedAt(registry, functionRepository));
    assert.equal(container.args, undefined);
    assert.equal(container.command, undefined);
    assert.deepEqual(container.env.map(({ name }: { name: string }) => name).sort(), Object.keys(ENVIRONMENT).sort());
    assert.deepEqual(container.volumeMounts, [
      { mountPath: ENVIRONMENT.TLS_SERVER_CERTS_DIR, name: 'tls-server-certs', readOnly: true },
    ]);
    assert.deepEqual(
      container.ports.map(({ containerPort }: { containerPort: number }) => containerPort).sort(),
      [8080, 9443],
    );
  });
});
