import type { Resource, RunFunctionRequest } from '@crossplane-org/function-sdk-typescript';

export type Json = Record<string, unknown>;
export type Observed = Record<string, Resource>;

/** A Resource as the SDK's types want it. */
export const resource = (object: object, connection: Record<string, string> = {}): Resource => ({
  resource: object,
  connectionDetails: Object.fromEntries(Object.entries(connection).map(([key, value]) => [key, Buffer.from(value)])),
  ready: 0,
});

/** A RunFunction request as Crossplane would send it for this XR. */
export function request(
  xr: object,
  parts: { observed?: Observed; desired?: Observed; input?: object } = {},
): RunFunctionRequest {
  return {
    meta: { tag: 'tag', capabilities: [] },
    observed: { composite: resource(xr), resources: parts.observed ?? {} },
    desired: parts.desired && { composite: undefined, resources: parts.desired },
    input: parts.input,
    context: undefined,
    extraResources: {},
    credentials: {},
    requiredResources: {},
    requiredSchemas: {},
  };
}

/** An XR of either flavour around a spec. In the cluster flavour it belongs to a claim. */
export function xr(flavour: 'namespaced' | 'cluster', spec: object, name = 'orders', namespace = 'team-a'): Json {
  if (flavour === 'namespaced')
    return {
      apiVersion: 'database.platform.io/v1alpha1',
      kind: 'XPostgreSQLDatabase',
      metadata: { name, namespace },
      spec,
    };
  return {
    apiVersion: 'claims.database.platform.io/v1alpha1',
    kind: 'XPostgreSQLDatabase',
    metadata: { name: `${name}-x7k2p` },
    spec: {
      ...spec,
      claimRef: { apiVersion: 'claims.database.platform.io/v1alpha1', kind: 'PostgreSQLDatabase', name, namespace },
    },
  };
}

/** The smallest valid specs. */
export const oneRegion = { regions: { primary: { name: 'eastus2', cidr: '10.10.0.0/16' } } };
export const twoRegions = {
  regions: {
    primary: { name: 'eastus2', cidr: '10.10.0.0/16' },
    secondary: { name: 'centralus', cidr: '10.20.0.0/16' },
  },
};

export interface Seen {
  readonly ready?: boolean;
  readonly synced?: boolean;
  readonly conditions?: readonly object[];
  readonly atProvider?: object;
}

const PASSWORD = 'not-a-real-password';
const PRINCIPAL = {
  principalId: '00000000-0000-0000-0000-0000000000a1',
  clientId: '00000000-0000-0000-0000-0000000000c1',
};

/** The servers keep its id, and its name tells whose it is. */
const identity = ({ resourceGroupName, name }: { resourceGroupName?: string; name?: string }): object => ({
  ...PRINCIPAL,
  id: `/subscriptions/0/resourceGroups/${resourceGroupName}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
});

/** What a desired resource looks like once the provider has worked on it. */
export function seen(
  key: string,
  desired: Resource,
  { ready = true, synced = true, conditions, atProvider }: Seen = {},
): Resource {
  // The function's own output is plain JSON.
  const object = structuredClone(desired.resource) as {
    kind: string;
    metadata: { annotations?: Record<string, string> };
    spec?: { forProvider?: object; initProvider?: { zone?: string; highAvailability?: object } };
    data?: Record<string, string>;
  };
  if (object.kind === 'Secret' && key.startsWith('admin-password'))
    return resource({ ...object, data: { password: Buffer.from(PASSWORD).toString('base64') } });
  if (!object.spec?.forProvider) return resource(object);
  const externalName = object.metadata.annotations?.['crossplane.io/external-name'] ?? key;
  const server = object.kind === 'FlexibleServer';
  return resource(
    {
      ...object,
      status: {
        conditions: conditions ?? [
          { type: 'Ready', status: ready ? 'True' : 'False', reason: ready ? 'Available' : 'Creating' },
          { type: 'Synced', status: synced ? 'True' : 'False', reason: synced ? 'ReconcileSuccess' : 'ReconcileError' },
        ],
        atProvider: {
          ...object.spec.forProvider,
          ...object.spec.initProvider,
          ...(ready ? { id: `/subscriptions/0/${externalName}` } : {}),
          // A parameter that is only read has the value that Azure gave it.
          ...(object.kind === 'FlexibleServerConfiguration' && !('value' in object.spec.forProvider)
            ? { value: 'as-azure-made-it' }
            : {}),
          ...(object.kind === 'UserAssignedIdentity' && ready ? identity(object.spec.forProvider) : {}),
          ...(object.kind === 'BackupVault' && ready
            ? { identity: { principalId: '00000000-0000-0000-0000-000000000009' } }
            : {}),
          ...(server && ready ? { fqdn: `${externalName}.postgres.database.azure.com` } : {}),
          ...atProvider,
        },
      },
    },
    server ? { password: PASSWORD } : {},
  );
}
