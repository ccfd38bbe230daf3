import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { render } from '../../src/cli/render.ts';
import { bundleDumps, bundleFailoverCall, bundleServer, thirdPartyLicences } from '../../tools/package/bundle.ts';
import { configurationContents, functionContent, stagePackage } from '../../tools/package/packages.ts';
import { repositoryRoot } from '../../tools/package/publishing.ts';
import { argumentsOf, cases } from '../golden/case.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'package-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const tree = (): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

describe('a staged package root', () => {
  it.each([
    [
      'Function',
      functionContent,
      [
        'root/crossplane.yaml',
        'root/postgresql.fn.platform.io_failoveroperations.yaml',
        'root/postgresql.fn.platform.io_inputs.yaml',
      ],
    ],
    [
      'namespaced Configuration',
      configurationContents.namespaced,
      [
        'examples/active-passive.yaml',
        'examples/minimal.yaml',
        'examples/zone-redundant.yaml',
        'root/activation-policy.yaml',
        'root/crossplane.yaml',
        'root/definition.yaml',
        'root/namespaced.yaml',
      ],
    ],
    [
      'Configuration with claims',
      configurationContents.claims,
      [
        'examples/claims.yaml',
        'root/activation-policy.yaml',
        'root/cluster.yaml',
        'root/crossplane.yaml',
        'root/definition.yaml',
      ],
    ],
  ])('of the %s holds what belongs in it', (_, content, files) => {
    stagePackage(content, folder);
    expect(tree()).toEqual(files);
  });
});

/**
 * `<plural>.<group>` of every custom resource that the examples compose, in the groups of a flavour: both flavours have the same fields, so
 * what an example of one composes, the other can be asked for, too.
 */
function composedResources(flavour: 'namespaced' | 'claims'): string[] {
  const definitions = readdirSync(`${repositoryRoot}test/crds`).map(
    (file) => parse(readFileSync(`${repositoryRoot}test/crds/${file}`, 'utf8')).spec,
  );
  const kinds = new Map(
    definitions
      // DatadogMonitor is an operator's and a Usage is Crossplane's own: no policy activates them.
      .filter(({ group }) => /(^|\.)(upbound|crossplane)\.io$/.test(group) && !group.startsWith('protection.'))
      .map(({ group, names }) => [`${group}/${names.kind}`, `${names.plural}.${group}`]),
  );
  const found = new Set<string>();
  const rendered = [...cases('examples'), ...cases('test/cases')].filter(
    ([, folder]) => !existsSync(join(folder, 'refused.txt')),
  );
  for (const [, example] of rendered) {
    // These start from what is observed: the made-up provider of --until-ready promotes nothing and knows no server of others.
    const moved = /\/(failover|adopt|standby|restore|upgrade)(-[^/]+)?$/.test(example);
    const documents = parseAllDocuments(
      render({ ...argumentsOf(example), ...(moved ? {} : { untilReady: true, observed: undefined }) }, false),
    );
    const [, ...composed] = documents.map((each) => each.toJS());
    for (const { apiVersion, kind } of composed) {
      const name = kinds.get(`${apiVersion.split('/')[0]}/${kind}`);
      const unscoped = name?.replace(/\.m\.(upbound|crossplane)\.io$/, '.$1.io');
      if (unscoped !== undefined)
        found.add(flavour === 'claims' ? unscoped : unscoped.replace(/\.(upbound|crossplane)\.io$/, '.m.$1.io'));
    }
  }
  return [...found].sort();
}

describe('the ManagedResourceActivationPolicy', () => {
  it.each(['namespaced', 'claims'] as const)('of the %s flavour activates exactly what is composed', (flavour) => {
    const policy = parse(readFileSync(`${repositoryRoot}package/${flavour}/activation-policy.yaml`, 'utf8'));
    expect([...policy.spec.activate].sort()).toEqual(composedResources(flavour));
  });
});

describe('the bundle', () => {
  it('is one file of the server alone', async () => {
    const bundle = await bundleServer(join(folder, 'function.cjs'));
    expect(tree()).toEqual(['function.cjs']);
    // Nothing of the command line (yaml, CEL), of the SDK, which is there for its types, or of a protobuf compiler.
    expect(bundle.packages.map(({ name }) => name)).toEqual([
      '@bufbuild/protobuf',
      '@grpc/grpc-js',
      '@js-sdsl/ordered-map',
      '@opentelemetry/api',
      'bintrees',
      'fastest-levenshtein',
      'prom-client',
      'tdigest',
    ]);
    expect(bundle.imports.filter((name) => !/^(node:)?[a-z0-9_]+$/.test(name))).toEqual(['@grpc/proto-loader']);
    expect(bundle.bytes).toBeLessThan(1_500_000);
  });

  it('of the dumps is one file with the SDKs of Azure and nothing of the server', async () => {
    const bundle = await bundleDumps(join(folder, 'dumps.cjs'));
    expect(tree()).toEqual(['dumps.cjs']);
    const names = bundle.packages.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['@azure/identity', '@azure/storage-blob']));
    expect(names.filter((name) => /grpc|protobuf|prom-client|yaml|cel-js|graphviz/.test(name))).toEqual([]);
    expect(bundle.imports.filter((name) => !/^(node:)?[a-z0-9_/]+$/.test(name))).toEqual([]);
    expect(bundle.bytes).toBeLessThan(2_000_000);
    const { status, stderr } = spawnSync(process.execPath, [join(folder, 'dumps.cjs')], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^dumps: usage: /) });
  });

  it("of a failover's call is one file with Azure's identity SDK and nothing of the server", async () => {
    const bundle = await bundleFailoverCall(join(folder, 'failover.cjs'));
    expect(tree()).toEqual(['failover.cjs']);
    const names = bundle.packages.map(({ name }) => name);
    expect(names).toContain('@azure/identity');
    expect(names.filter((name) => /storage-blob|grpc|protobuf|prom-client|yaml|cel-js|graphviz/.test(name))).toEqual(
      [],
    );
    expect(bundle.imports.filter((name) => !/^(node:)?[a-z0-9_/]+$/.test(name))).toEqual([]);
    const { status, stderr } = spawnSync(process.execPath, [join(folder, 'failover.cjs')], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^failover: usage: /) });
  });

  it('travels with the licences of what is in it', () => {
    const text = thirdPartyLicences(['@grpc/grpc-js', 'prom-client']);
    expect(text).toMatch(/^@grpc\/grpc-js \d/);
    expect(text).toContain('Apache License');
    expect(text).toMatch(/\nprom-client [\d.]+, Apache-2\.0\n/);
  });
});
