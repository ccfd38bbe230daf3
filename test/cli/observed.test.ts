import { mkdirSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { connectionDetails } from '../../src/cli/observed.ts';
import { run } from '../../src/cli/run.ts';
import { example, scratch } from './files.ts';

const files = scratch();
afterAll(files.remove);

const NAME = 'crossplane.io/composition-resource-name';
const group = (metadata: object): object => ({
  apiVersion: 'azure.m.upbound.io/v1beta1',
  kind: 'ResourceGroup',
  metadata,
});
const named = { name: 'rg', namespace: 'team-a', annotations: { [NAME]: 'resource-group' } };

describe('--observed', () => {
  it.each([
    [
      [group({ name: 'rg', namespace: 'team-a' })],
      `observed ResourceGroup "rg": metadata.annotations["${NAME}"] is missing; say there which composed resource it is`,
    ],
    [
      [group({ ...named, name: undefined })],
      'observed ResourceGroup "": metadata.name is missing; an observed resource has a name',
    ],
    [
      [group({ ...named, namespace: 'team-b' })],
      'observed ResourceGroup "rg": metadata.namespace is "team-b", but the XR\'s is "team-a"; they are the same for composed resources',
    ],
    [
      [group(named), group({ ...named, name: 'rg2' })],
      `observed ResourceGroup "rg2": ${NAME} "resource-group" stands at another observed resource too; keep one`,
    ],
  ])('refuses %j', (objects, line) => {
    const { status, stdout, stderr } = run(['render', example('minimal'), '-o', files.write('o.yaml', objects)], false);
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: `${line}\n` });
  });

  it('takes a folder', () => {
    mkdirSync(`${files.folder}/observed`);
    files.write('observed/rg.yaml', {
      ...group(named),
      status: { atProvider: { id: '/x' }, conditions: [{ type: 'Ready', status: 'True' }] },
    });
    const { stdout } = run(['render', example('minimal'), '-o', `${files.folder}/observed`], false);
    expect(stdout).toContain('name: private-dns-zone'.replace('name: ', `${NAME}: `));
  });
});

describe('--function-credentials', () => {
  const secret = (metadata: object, data: object) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'conn', ...metadata },
    ...data,
  });
  const server = (namespace: string | undefined, ref: object) => ({
    apiVersion: 'v1',
    kind: 'FlexibleServer',
    metadata: { name: 'server', ...(namespace === undefined ? {} : { namespace }) },
    spec: { writeConnectionSecretToRef: ref },
  });
  const text = (details: Readonly<Record<string, Uint8Array>>) =>
    Object.fromEntries(Object.entries(details).map(([key, value]) => [key, Buffer.from(value).toString('utf8')]));

  it("finds the Secret by name and the resource's namespace, or by the namespace that the reference names", () => {
    const secrets = [
      secret({ namespace: 'team-b' }, { data: { password: Buffer.from('b').toString('base64') } }),
      secret(
        { namespace: 'team-a' },
        { data: { password: Buffer.from('a').toString('base64') }, stringData: { port: '5432' } },
      ),
    ];
    expect(text(connectionDetails(server('team-a', { name: 'conn' }), secrets))).toEqual({
      password: 'a',
      port: '5432',
    });
    expect(text(connectionDetails(server(undefined, { name: 'conn', namespace: 'team-b' }), secrets))).toEqual({
      password: 'b',
    });
    expect(connectionDetails(server('team-c', { name: 'conn' }), secrets)).toEqual({});
    expect(connectionDetails(server('team-a', { name: 'other' }), secrets)).toEqual({});
  });

  it('is what the connection Secret is made from', () => {
    const words = ['render', example('active-passive'), '-o', example('active-passive', 'observed.yaml')];
    const data = (stdout: string): unknown =>
      parseAllDocuments(stdout)
        .map((document) => document.toJS())
        .find(({ metadata }) => metadata.name === 'testmulti-connection')?.data;
    const password = Buffer.from('another-made-up-one').toString('base64');
    const credentials = files.write(
      'credentials.yaml',
      secret({ name: 'testmulti-primary-server-conn', namespace: 'team-a' }, { data: { password } }),
    );
    expect(data(run([...words, '--function-credentials', credentials], false).stdout)).toMatchObject({ password });
  });

  it('refuses what is not a Secret', () => {
    const path = files.write('map.yaml', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
    expect(run(['render', example('minimal'), '--function-credentials', path], false)).toEqual({
      status: 1,
      stdout: '',
      stderr: 'function credentials: ConfigMap "a" is not a named v1 Secret\n',
    });
  });
});
