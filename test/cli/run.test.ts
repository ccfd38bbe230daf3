import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { run } from '../../src/cli/run.ts';
import { edited, example, repository, scratch } from './files.ts';

const files = scratch();
afterAll(files.remove);

/** Runs `render` and expects the one status and nothing on stdout; gives the lines of stderr. */
function refused(...words: string[]): string[] {
  const { status, stdout, stderr } = run(['render', ...words], false);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr.endsWith('\n')).toBe(true);
  return stderr.trimEnd().split('\n');
}

function printed(
  ...words: string[]
): { metadata: Record<string, unknown>; spec: Record<string, unknown>; kind: string }[] {
  const { status, stdout, stderr } = run(['render', ...words], false);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return parseAllDocuments(stdout).map((document) => document.toJS());
}

const xr = (name: string, text: string): string => files.write(name, text);

describe('files that cannot be rendered', () => {
  it('names a file that is not there', () => {
    expect(refused('no-such.yaml')).toEqual(['no-such.yaml: there is no such file']);
    expect(refused(example('minimal'), '--observed', 'no-such.yaml')).toEqual(['no-such.yaml: there is no such file']);
  });

  it('takes no folder for the XR', () => {
    const folder = repository('examples/minimal');
    expect(refused(folder)).toEqual([`${folder}: is a folder; name one file in it`]);
  });

  it('names file and line of broken YAML', () => {
    const [line, ...more] = refused(xr('broken.yaml', 'apiVersion: v1\nkind: X\nmetadata:\n  name: a\n  name: b\n'));
    expect(line).toBe(`${files.folder}/broken.yaml:5: Map keys must be unique`);
    expect(more).toEqual([]);
  });

  it('wants one object', () => {
    expect(refused(xr('empty.yaml', '# nothing\n'))).toEqual([
      `${files.folder}/empty.yaml: is empty; write one object into it`,
    ]);
    const two = files.write('two.yaml', [edited('minimal', {}), edited('minimal', {})]);
    expect(refused(two)).toEqual([`${two}: has 2 documents; write one object into it`]);
    expect(refused(xr('text.yaml', 'hello\n'))).toEqual([
      `${files.folder}/text.yaml: holds string where a Kubernetes object should stand`,
    ]);
  });

  it('wants an object with strings in its metadata', () => {
    const path = xr('numbers.yaml', 'kind: A\nmetadata:\n  name: 5\n  labels: {team: 7}\n');
    expect(refused(path)).toEqual([
      `${path}: apiVersion: is required; write a string`,
      `${path}: metadata.name: 5 is not a string; write it in quotes`,
      `${path}: metadata.labels["team"]: 7 is not a string; write it in quotes`,
    ]);
  });
});

describe('objects that are no XR of ours', () => {
  it.each([
    [
      { apiVersion: 'database.platfrom.io/v1alpha1' },
      'apiVersion: "database.platfrom.io/v1alpha1" is not database.platform.io/v1alpha1 or claims.database.platform.io/v1alpha1; did you mean "database.platform.io/v1alpha1"?',
    ],
    [
      { apiVersion: 'database.platform.io/v1' },
      'apiVersion: "database.platform.io/v1" is not database.platform.io/v1alpha1; did you mean "database.platform.io/v1alpha1"?',
    ],
    [
      { kind: 'PostgreSQLDatabase' },
      'kind: "PostgreSQLDatabase" is not XPostgreSQLDatabase; did you mean "XPostgreSQLDatabase"?',
    ],
    [{ 'metadata.name': undefined }, 'metadata.name: is required; give the object a name, as orders'],
    [
      { 'metadata.name': 'Orders_1' },
      'metadata.name: "Orders_1" is not a name that Kubernetes takes; write lower-case letters, digits, inner hyphens and dots',
    ],
    [
      { 'metadata.name': 'a'.repeat(64) },
      `metadata.name: "${'a'.repeat(57)}..." has 64 characters; write at most 63, because Crossplane puts it into a label`,
    ],
    [
      { 'metadata.namespace': 'team a' },
      'metadata.namespace: "team a" is not a namespace; write up to 63 lower-case letters, digits and inner hyphens',
    ],
    [{ specs: {} }, 'specs: is not a field of XPostgreSQLDatabase; did you mean spec?'],
  ])('%j', (changes, line) => {
    expect(refused(files.write('other.yaml', edited('minimal', changes)))).toEqual([line]);
  });

  it('refuses a namespace for the cluster-scoped flavour', () => {
    expect(refused(files.write('claims.yaml', edited('claims', { 'metadata.namespace': 'team-a' })))).toEqual([
      'metadata.namespace: this XR is cluster-scoped; remove the namespace',
    ]);
  });
});

describe('every problem has a line', () => {
  it('of the schema', () => {
    const path = files.write('schema.yaml', edited('minimal', { 'spec.database': { version: 9, storageGb: 5 } }));
    expect(refused(path)).toEqual([
      'spec.database.storageGb: is not a field; did you mean spec.database.storageGB?',
      'spec.database.version: 9 is a number, not a string; write one of "13", "14", "15", "16", "17", "18", in quotes',
    ]);
  });

  it('of the rules, each once although XRD and function both hold it', () => {
    const lines = refused(
      files.write(
        'rules.yaml',
        edited('active-passive', {
          'spec.database.size': 'B_Standard_B2ms',
          'spec.regions.secondary.cidr': '10.10.0.0/16',
        }),
      ),
    );
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^spec\.database\.size: "B_Standard_B2ms" is a Burstable/);
    expect(lines[1]).toMatch(/^spec\.regions\.secondary\.cidr: .* overlaps/);
  });

  it("of the function's input", () => {
    const input = files.write('input.yaml', {
      apiVersion: 'postgresql.fn.platform.io/v1beta1',
      kind: 'Input',
      spec: { namingprefix: 'acme' },
    });
    expect(refused(example('minimal'), '--input', input)).toEqual([
      'input.spec.namingprefix: is not a field; did you mean input.spec.namingPrefix?',
    ]);
  });
});

describe('what is printed', () => {
  it('puts an XR without a namespace into default, as kubectl does', () => {
    const documents = printed(files.write('default.yaml', edited('minimal', { 'metadata.namespace': undefined })));
    expect(new Set(documents.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['default']));
  });

  it('gives every composed resource what Crossplane adds', () => {
    const [composite, ...resources] = printed(example('claims'));
    expect(composite?.kind).toBe('XPostgreSQLDatabase');
    expect(resources.length).toBeGreaterThan(0);
    const keys = resources.map(({ metadata }) => {
      expect(metadata.labels).toMatchObject({
        'crossplane.io/composite': 'inventory-7xk2p',
        'crossplane.io/claim-name': 'inventory',
        'crossplane.io/claim-namespace': 'team-a',
      });
      const { annotations } = metadata as { annotations: Record<string, string> }; // printed just now
      return annotations['crossplane.io/composition-resource-name'];
    });
    expect(keys).toEqual(keys.toSorted());
  });

  it('makes of a claim the XR that Crossplane would make', () => {
    const [fromClaim, ...resources] = printed(example('claims', 'claim.yaml'));
    const [fromXr, ...expected] = printed(example('claims'));
    expect(fromClaim?.metadata.name).toBe('inventory-xxxxx');
    expect(fromClaim?.spec).toEqual(fromXr?.spec);
    expect(resources.map(({ metadata }) => metadata.name)).toEqual(expected.map(({ metadata }) => metadata.name));
  });

  it("keeps Crossplane's own fields of the spec", () => {
    const crossplane = { compositionUpdatePolicy: 'Manual' };
    const [composite] = printed(files.write('crossplane.yaml', edited('minimal', { 'spec.crossplane': crossplane })));
    expect(composite?.spec.crossplane).toEqual(crossplane);
  });

  it('takes the input from the Composition, or from --input', () => {
    const input = files.write('named.yaml', {
      apiVersion: 'postgresql.fn.platform.io/v1beta1',
      kind: 'Input',
      spec: { providerConfigRef: { name: 'other' } },
    });
    const named = (...words: string[]): unknown =>
      printed(example('minimal'), ...words).find(({ kind }) => kind === 'ResourceGroup')?.spec.providerConfigRef;
    expect(named()).toEqual({ kind: 'ClusterProviderConfig', name: 'default' });
    expect(named('--input', input)).toEqual({ kind: 'ClusterProviderConfig', name: 'other' });
  });
});

describe('the command itself', () => {
  const npm = (...words: string[]) =>
    spawnSync('npm', ['run', '--silent', 'render', '--', ...words], { cwd: repository('.'), encoding: 'utf8' });

  it('prints what the goldens hold', () => {
    const { status, stdout } = npm(
      ...[example('minimal'), '-o', example('minimal', 'observed.yaml')],
      ...['--function-credentials', example('minimal', 'credentials.yaml')],
    );
    expect(status).toBe(0);
    expect(stdout).toBe(readFileSync(example('minimal', 'expected.yaml'), 'utf8'));
  });

  it('ends with status 1 and an empty stdout', () => {
    const { status, stdout, stderr } = npm(repository('test/cases/storage-100/xr.yaml'));
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(readFileSync(repository('test/cases/storage-100/refused.txt'), 'utf8'));
  });
});
