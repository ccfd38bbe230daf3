import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { execute } from './commands.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { serveNoteFunction } from './note-function.ts';
import { tool } from './tools.ts';
import { waitFor } from './wait-for.ts';

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const note = (name: string, text: string): string =>
  JSON.stringify({
    apiVersion: 'test.platform.io/v1alpha1',
    kind: 'Note',
    metadata: { name, namespace: 'default' },
    spec: { text },
  });
const configMap = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
});
const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a control plane', { concurrency: false }, () => {
  let controlPlane: ControlPlane;
  let noteFunction: Awaited<ReturnType<typeof serveNoteFunction>>;
  const kubectl: ControlPlane['kubectl'] = (args, stdin) => controlPlane.kubectl(args, stdin);
  const json = async (...args: string[]) => JSON.parse(await kubectl(['get', '-o', 'json', ...args]));
  const ready = (name: string): Promise<true> =>
    waitFor(`Note ${name} to be Ready`, async () => {
      const { status } = await json('note', name);
      const conditions: { type: string; status: string }[] = status?.conditions ?? [];
      if (conditions.some(({ type, status }) => type === 'Ready' && status === 'True')) return true;
      throw new Error(JSON.stringify(conditions));
    });

  before(async () => {
    const begin = Date.now();
    const progress = (line: string): void => console.log(`${((Date.now() - begin) / 1000).toFixed(1)} s ${line}`);
    controlPlane = await startControlPlane({ registry: true, onProgress: progress });
    progress('up');
    noteFunction = await serveNoteFunction(controlPlane.functionCertsDir);
  });

  after(async () => {
    noteFunction?.stop();
    await controlPlane?.stop();
  });

  it('composes an XR with a function that it reaches over mutual TLS', async () => {
    await controlPlane.applyFunctionRevision('note-function', `dns:///localhost:${noteFunction.port}`);
    await kubectl(['apply', '-f', '-'], fixture('note-xrd.yaml'));
    await kubectl(['apply', '-f', '-'], fixture('note-composition.yaml'));
    await kubectl(['wait', '--for=condition=Established', 'xrd/notes.test.platform.io', '--timeout=240s']);
    await kubectl(['apply', '-f', '-'], note('first', 'hello'));
    await ready('first');
    const { items } = await json('configmaps', '-l', 'crossplane.io/composite=first');
    assert.deepEqual(
      items.map((item: { data: object }) => item.data),
      [{ text: 'hello' }],
    );
    assert.equal((await json('note', 'first')).status.text, 'hello');
  });

  it('refuses what the schema of the XRD refuses', async () => {
    await assert.rejects(kubectl(['apply', '-f', '-'], note('long', 'x'.repeat(21))), /spec\.text/);
  });

  it('refuses the deletion of a used object until the user of it is gone', async () => {
    const usage = {
      apiVersion: 'protection.crossplane.io/v1beta1',
      kind: 'Usage',
      metadata: { name: 'database-on-server', namespace: 'default' },
      spec: {
        of: { apiVersion: 'v1', kind: 'ConfigMap', resourceRef: { name: 'server' } },
        by: { apiVersion: 'v1', kind: 'ConfigMap', resourceRef: { name: 'database' } },
      },
    };
    const items = [configMap('server'), configMap('database'), usage];
    await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    await waitFor('the label that marks the object as used', async () => {
      return (await json('configmap', 'server')).metadata.labels?.['crossplane.io/in-use'] === 'true' || undefined;
    });
    await assert.rejects(kubectl(['delete', 'configmap', 'server']), /database-on-server/);
    await kubectl(['delete', 'configmap', 'database']);
    // The Usage is owned by its user, so it takes the garbage collector to make it go.
    await waitFor('the Usage to be collected', async () => {
      return (await kubectl(['get', 'usages.protection.crossplane.io', '-o', 'name'])) === '' || undefined;
    });
    await kubectl(['delete', 'configmap', 'server', '--timeout=240s']);
  });

  it('lets a composed Usage go once it has lost its user, and not before', async () => {
    const used = { apiVersion: 'v1', kind: 'ConfigMap', resourceRef: { name: 'old-server' } };
    const usage = (spec: object): string =>
      JSON.stringify({
        apiVersion: 'protection.crossplane.io/v1beta1',
        kind: 'Usage',
        // The label is what tells Crossplane that somebody composed it.
        metadata: { name: 'composed', namespace: 'default', labels: { 'crossplane.io/composite': 'any' } },
        spec: { of: used, reason: 'test', ...spec },
      });
    const apply = (text: string): Promise<string> =>
      kubectl(['apply', '--server-side', '--field-manager=composed', '-f', '-'], text);
    const by = { apiVersion: 'v1', kind: 'ConfigMap', resourceRef: { name: 'new-server' } };
    for (const name of ['old-server', 'new-server']) await apply(JSON.stringify(configMap(name)));
    await apply(usage({ by, replayDeletion: true }));
    await kubectl(['wait', 'usages.protection.crossplane.io/composed', '--for=condition=Ready', '--timeout=60s']);
    await assert.rejects(kubectl(['delete', 'configmap', 'old-server']), /in-use by 1 usage/);
    await kubectl(['delete', 'usages.protection.crossplane.io', 'composed', '--wait=false']);
    await sleep(5_000);
    await assert.rejects(kubectl(['delete', 'configmap', 'old-server']), /in-use by 1 usage/);
    await apply(usage({}));
    await kubectl(['wait', 'usages.protection.crossplane.io/composed', '--for=delete', '--timeout=20s']);
    // Longer than Crossplane would wait to replay a deletion.
    await sleep(4_000);
    await kubectl(['get', 'configmap', 'old-server']);
    await kubectl(['delete', 'configmap', 'old-server', 'new-server', '--timeout=30s']);
  });

  it('goes on after a restart of Crossplane and of the API server', async () => {
    await controlPlane.restartCore();
    await kubectl(['apply', '-f', '-'], note('second', 'after Crossplane'));
    await ready('second');
    await controlPlane.restartApiServer();
    await ready('first');
    await kubectl(['apply', '-f', '-'], note('third', 'after the API server'));
    await ready('third');
  });

  it('collects what an XR owned once it is deleted', async () => {
    const { items } = await json('configmaps', '-l', 'crossplane.io/composite');
    assert.equal(items.length, 3);
    await kubectl(['delete', 'note', '--all', '--timeout=240s']);
    await waitFor('the ConfigMaps to be collected', async () => {
      return (await kubectl(['get', 'configmaps', '-l', 'crossplane.io/composite', '-o', 'name'])) === '' || undefined;
    });
  });

  it('has a registry', async () => {
    const { code, stderr } = await execute(tool('crane'), ['catalog', controlPlane.registry?.address ?? '']);
    assert.equal(code, 0, stderr);
  });

  it('leaves neither processes nor files', async () => {
    const pids = controlPlane.pids();
    assert.equal(pids.length, 5);
    assert.ok(pids.every(alive));
    await controlPlane.stop();
    assert.deepEqual(pids.filter(alive), []);
    assert.equal(existsSync(dirname(controlPlane.logsDir)), false);
  });
});
