import { readdirSync } from 'node:fs';
import type { AzureKind } from '../../src/azure/managed.ts';
import { azureRoles, callRole, GRANTS } from '../../tools/generate/azure-roles.ts';
import { kinds } from '../azure/kinds.ts';

const SOURCES = '../../src/azure/';
const exported: Record<string, unknown>[] = [];
// One after the other: jest links the modules of Node once for each, and not twice at a time.
for (const file of readdirSync(new URL(SOURCES, import.meta.url))) exported.push(await import(`${SOURCES}${file}`));
const isKind = (value: unknown): value is AzureKind<never> =>
  typeof value === 'object' && value !== null && 'clusterVersion' in value;
const name = ({ service, kind }: { readonly service: string; readonly kind: string }): string => `${service}/${kind}`;

/** Every kind that is composed; a witness is a FlexibleServer too. */
const composed = [...new Set(exported.flatMap(Object.values).filter(isKind).map(name))];

/** Types by another name in Azure's list of operations. */
const AS_AZURE_SAYS: Readonly<Record<string, string>> = {
  'Microsoft.Resources/resourceGroups': 'Microsoft.Resources/subscriptions/resourceGroups',
  'Microsoft.Network/virtualNetworks/subnets/networkSecurityGroup': 'Microsoft.Network/virtualNetworks/subnets',
};

/** Parts of other resources, and what Azure cannot delete. */
const WITHOUT: Readonly<Record<string, readonly string[]>> = {
  'network/SubnetNetworkSecurityGroupAssociation': ['delete'],
  'dbforpostgresql/FlexibleServerConfiguration': ['delete'],
};

const roles = azureRoles().map(({ path, text }) => ({ path, ...JSON.parse(text) }));

describe('the Azure roles', () => {
  it('grant something for every composed kind, and for no other', () => {
    expect([...new Set(GRANTS.map(({ kind }) => name(kind)))].sort()).toEqual([...composed].sort());
  });

  it.each(composed)('let the provider read, write and delete a %s', (kind) => {
    const arm = kinds.find((known) => name(known) === kind);
    const type = arm && (AS_AZURE_SAYS[arm.type] ?? arm.type);
    // Azure compares actions without case.
    const wanted = ['read', 'write', 'delete']
      .filter((verb) => !WITHOUT[kind]?.includes(verb))
      .map((verb) => `${type}/${verb}`.toLowerCase());
    const granted = GRANTS.filter((grant) => name(grant.kind) === kind).flatMap(({ actions }) => actions);
    expect(granted.map((action) => action.toLowerCase())).toEqual(expect.arrayContaining(wanted));
  });

  it('hold what is granted, each action once, and nothing else', () => {
    for (const role of roles) {
      const own = GRANTS.filter((grant) => role.path === `examples/install/azure-roles/${grant.role}.json`);
      expect(role.Actions).toEqual([...new Set(own.flatMap(({ actions }) => actions))].sort());
      expect(role.Actions.length).toBeGreaterThan(0);
    }
  });

  it('name whole actions, and leave data, keys and the rights of others alone', () => {
    const givers = roles.filter(({ Actions }) => Actions.some((action: string) => /roleAssignments/i.test(action)));
    expect(givers.map(({ path }) => path)).toEqual(['examples/install/azure-roles/identities.json']);
    for (const { Actions, DataActions } of roles) {
      expect(DataActions).toEqual([]);
      for (const action of Actions) {
        expect(action).toMatch(/^Microsoft\.\w+(\/\w+)+\/(read|write|delete|action)$/);
        expect(action).not.toMatch(/listKeys|roleDefinitions\/(write|delete)/i);
      }
    }
  });
});

it('the role of the call of a failover looks at servers and changes them, and does nothing else', () => {
  const { path, text } = callRole();
  expect(path).toBe('examples/install/azure-roles/failover.json');
  expect(JSON.parse(text)).toMatchObject({
    Actions: ['Microsoft.DBforPostgreSQL/flexibleServers/read', 'Microsoft.DBforPostgreSQL/flexibleServers/write'],
    DataActions: [],
  });
});
