import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createCertificateAuthority } from '../crossplane/certificates.ts';
import { type Kubernetes, startKubernetes } from '../crossplane/kubernetes.ts';
import { type Supervisor, superviseProcesses } from '../crossplane/supervisor.ts';
import { waitFor } from '../crossplane/wait-for.ts';
import { type Controller, startController } from './controller.ts';
import type { Json } from './json.ts';
import * as p from './platform.ts';
import type { Manifest } from './state.ts';

/** The simulated provider on a real API server with the CRDs of test/crds; needs the binaries of tools/build.sh. */
const crds = fileURLToPath(new URL('../crds/', import.meta.url));

interface Listed {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion: string;
    readonly ownerReferences?: readonly { readonly name: string }[];
  };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
  readonly data?: { readonly [key: string]: string };
}

const documents = (manifests: readonly Manifest[]): string =>
  manifests.map((each) => JSON.stringify(each)).join('\n---\n');
const stepped = (flavour: p.Flavour): Manifest[] => [
  ...p.platform(flavour),
  p.virtualEndpoint(flavour),
  p.configuration(flavour, 'server-a', 'work_mem', '8192'),
  {
    apiVersion: flavour.namespaced ? 'kubernetes.m.crossplane.io/v1alpha1' : 'kubernetes.crossplane.io/v1alpha2',
    kind: 'Object',
    metadata: { name: 'settings', ...(flavour.namespaced ? { namespace: 'default' } : {}) },
    spec: {
      forProvider: {
        manifest: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'target', namespace: 'default' },
          data: { a: '1' },
        },
      },
    },
  },
];

describe('the simulated provider on a real API server', { concurrency: false }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'azure-'));
  const logs = join(directory, 'logs');
  let processes: Supervisor | undefined;
  let kubernetes: Kubernetes;
  let controller: Controller | undefined;
  const errors: string[] = [];

  before(async () => {
    mkdirSync(logs);
    processes = superviseProcesses(logs);
    const authority = await createCertificateAuthority(join(directory, 'certificates', 'ca'));
    kubernetes = await startKubernetes(directory, authority, processes, (line) => console.log(line));
    const files = readdirSync(crds).filter((name) => name.endsWith('.yaml'));
    await kubernetes.kubectl(['create', ...files.flatMap((name) => ['-f', join(crds, name)])]);
    controller = await startController({
      kubeconfig: kubernetes.kubeconfig,
      speed: 600,
      onError: (what, error) => errors.push(`${what}: ${String(error)}`),
    });
  });

  after(async () => {
    await controller?.stop();
    await processes?.stopAll(2_000);
    rmSync(directory, { recursive: true, force: true });
  });

  const list = async (manifests: readonly Manifest[]): Promise<Listed[]> => {
    const kinds = [...new Set(manifests.map((each) => `${each.kind.toLowerCase()}.${each.apiVersion.split('/')[0]}`))];
    return JSON.parse(await kubernetes.kubectl(['get', kinds.join(','), '-A', '-o', 'json'])).items;
  };
  const secret = async (name: string): Promise<Listed> =>
    JSON.parse(await kubernetes.kubectl(['get', 'secret', name, '-n', 'default', '-o', 'json']));
  const unready = (objects: readonly Listed[]): string[] =>
    objects
      .filter(
        ({ status }) =>
          !['Ready', 'Synced'].every((type) =>
            status?.conditions?.some((each) => each.type === type && each.status === 'True'),
          ),
      )
      .map((each) => each.metadata.name);
  const allReady = (manifests: readonly Manifest[]): Promise<unknown> =>
    waitFor('everything to be Ready', async () => {
      const objects = await list(manifests);
      if (objects.length !== manifests.length || unready(objects).length > 0)
        throw new Error(unready(objects).join(' '));
      return true;
    });

  for (const [name, flavour] of [
    ['namespaced', { namespaced: true }],
    ['cluster', { namespaced: false }],
  ] as const) {
    const all = stepped(flavour);

    it(`makes a ${name} platform Ready from one apply`, async () => {
      await kubernetes.kubectl(['apply', '--server-side', '-f', '-'], documents(all));
      await allReady(all);
      const connection = await secret('server-a-connection');
      assert.equal(Buffer.from(connection.data?.username ?? '', 'base64').toString(), 'pgadmin@orders-a');
      assert.deepEqual(
        connection.metadata.ownerReferences?.map((each) => each.name),
        ['server-a'],
      );
      assert.match(
        await kubernetes.kubectl(['get', 'configmap', 'target', '-n', 'default', '-o', 'jsonpath={.data.a}']),
        /^1$/,
      );
    });

    it(`leaves a ${name} platform alone once it is Ready`, async () => {
      const versions = async (): Promise<string[]> =>
        (await list(all)).map((each) => `${each.metadata.name} ${each.metadata.resourceVersion}`);
      // The endpoint and the parameter may have been the last to be written.
      await sleep(1_500);
      const quiet = await versions();
      await sleep(5_000);
      assert.deepEqual(await versions(), quiet);
    });

    it(`follows an incident in a ${name} platform`, async () => {
      controller?.happen({ type: 'incident', incident: { what: 'region-outage', region: 'eastus2' } });
      await waitFor('the outage to show', async () => unready(await list(all)).includes('server-a'));
      assert.ok(!unready(await list(all)).includes('server-b'));
      controller?.happen({ type: 'incident', incident: { what: 'region-recovery', region: 'eastus2' } });
      await allReady(all);
    });

    it(`survives a restart of the API server with a ${name} platform`, async () => {
      await kubernetes.restartApiServer();
      await kubernetes.kubectl([
        'label',
        `resourcegroup.${flavour.namespaced ? 'azure.m' : 'azure'}.upbound.io`,
        'rg',
        'again=yes',
        ...(flavour.namespaced ? ['-n', 'default'] : []),
      ]);
      const tagged = p.primary(flavour, { tags: { team: 'orders' } });
      await kubernetes.kubectl(['apply', '--server-side', '-f', '-'], documents([tagged]));
      await waitFor('the tags to reach Azure', () => {
        const servers = Object.values(controller?.state.resources ?? {}).filter((each) =>
          each.id.endsWith('/orders-a'),
        );
        return servers.some((each) => (each.properties.tags as { team?: Json } | undefined)?.team === 'orders');
      });
      await allReady(all);
    });

    it(`lets a ${name} platform go, all at once`, async () => {
      await kubernetes.kubectl(['delete', '--wait=false', '-f', '-'], documents(all));
      await waitFor('everything to be gone', async () => (await list(all)).length === 0);
      assert.deepEqual(controller?.state.resources, {});
      await waitFor('the garbage collector', async () => {
        const left = await kubernetes.kubectl([
          'get',
          'secrets,configmaps',
          '-n',
          'default',
          '-o',
          'yaml',
          '--ignore-not-found',
        ]);
        if (left.includes('uid:')) throw new Error(left);
        return true;
      });
    });
  }

  it('had nothing to complain about but the restarts', () => {
    const others = errors.filter(
      (each) => !/ECONNREFUSED|ECONNRESET|terminated|socket|closed|aborted|fetch failed|429|503|504/i.test(each),
    );
    assert.deepEqual(others, []);
  });

  it('runs as a program, and ends on SIGTERM', async () => {
    const child = spawn(process.execPath, [
      '--import',
      'tsx',
      fileURLToPath(new URL('./controller.ts', import.meta.url)),
      '--kubeconfig',
      kubernetes.kubeconfig,
      '--speed',
      '60',
    ]);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    await waitFor('the program to run', () => output.includes('simulated Azure is running'));
    child.kill('SIGTERM');
    const code = await new Promise((resolve) => {
      child.once('exit', resolve);
    });
    assert.equal(code, 0);
    assert.match(output, /stopped/);
  });
});
