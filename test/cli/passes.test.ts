import { parseAllDocuments } from 'yaml';
import { passesUntilReady } from '../../src/cli/passes.ts';
import { load } from '../../src/cli/render.ts';
import { run } from '../../src/cli/run.ts';
import { example } from './files.ts';

const creates = (name: string, observed?: string): readonly (readonly string[])[] =>
  passesUntilReady(load({ xr: example(name), observed, explain: false, untilReady: true }).world).map(
    (pass) => pass.creates,
  );

const rules = (site: string): string[] =>
  ['servers-in', 'clients-in', 'servers-out', 'storage-out', 'entra-out'].map((rule) => `${site}-nsg-${rule}`);

it('shows the order of active-passive', () => {
  expect(creates('active-passive').filter((keys) => keys.length > 0)).toEqual([
    ['resource-group', 'management-config', 'management-serviceaccount', 'management-role', 'management-rolebinding'],
    ['private-dns-zone', 'primary-vnet', 'primary-nsg', 'secondary-vnet', 'secondary-nsg', 'backup-storage-account'],
    [
      'primary-subnet',
      ...rules('primary'),
      'primary-dns-link',
      'primary-peering',
      'secondary-subnet',
      ...rules('secondary'),
      'secondary-dns-link',
      'secondary-peering',
      'backup-container',
    ],
    ['primary-nsg-association', 'secondary-nsg-association'],
    ['primary-server'],
    [
      'secondary-server',
      'cname-write',
      'cname-read',
      'usage-of-primary-subnet-by-primary-server',
      'usage-of-primary-dns-link-by-primary-server',
      'usage-of-private-dns-zone-by-primary-server',
    ],
    [
      'connection-secret',
      'usage-of-primary-server-by-secondary-server',
      'usage-of-secondary-subnet-by-secondary-server',
      'usage-of-secondary-dns-link-by-secondary-server',
      'usage-of-private-dns-zone-by-secondary-server',
    ],
  ]);
});

it('shows the order of claims, whose connection details need no Secret', () => {
  expect(creates('claims').filter((keys) => keys.length > 0)).toEqual([
    [
      'resource-group',
      'admin-password',
      'management-config',
      'management-serviceaccount',
      'management-clusterrole',
      'management-clusterrolebinding',
    ],
    ['private-dns-zone', 'primary-vnet', 'primary-nsg', 'secondary-vnet', 'secondary-nsg', 'backup-storage-account'],
    [
      'primary-subnet',
      ...rules('primary'),
      'primary-dns-link',
      'primary-peering',
      'secondary-subnet',
      ...rules('secondary'),
      'secondary-dns-link',
      'secondary-peering',
      'backup-container',
    ],
    ['primary-nsg-association', 'secondary-nsg-association'],
    ['primary-server'],
    [
      'secondary-server',
      'cname-write',
      'cname-read',
      'usage-of-primary-subnet-by-primary-server',
      'usage-of-primary-dns-link-by-primary-server',
      'usage-of-private-dns-zone-by-primary-server',
    ],
    [
      'usage-of-primary-server-by-secondary-server',
      'usage-of-secondary-subnet-by-secondary-server',
      'usage-of-secondary-dns-link-by-secondary-server',
      'usage-of-private-dns-zone-by-secondary-server',
    ],
  ]);
});

it('creates nothing where everything exists', () => {
  expect(creates('minimal', example('minimal', 'observed.yaml')).flat()).toEqual([]);
});

it('prints valid YAML that says where each resource comes from', () => {
  const { stdout } = run(['render', example('minimal'), '--until-ready'], false);
  const documents = parseAllDocuments(stdout);
  expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
  expect(stdout).toMatch(/^# pass 1 creates: resource-group, admin-password, /);
  expect(stdout.match(/^---\n# created in pass \d$/gm)).toHaveLength(documents.length - 1);
  const [xr] = documents.map((document) => document.toJS());
  const states = xr.status.conditions.map(({ type, status }: Record<string, string>) => `${type} ${status}`);
  expect(states.filter((state: string) => state.endsWith(' False')).sort()).toEqual([
    'FailoverInProgress False',
    'FailoverReady False',
    'SplitBrainPossible False',
  ]);
});
