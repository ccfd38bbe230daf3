import type { Observed, ObservedResource } from '../../src/observed/observed.ts';

/** An observed resource, ready and synced unless said otherwise. */
export const fact = (parts: Partial<ObservedResource> = {}): ObservedResource => ({
  apiVersion: 'dbforpostgresql.azure.m.upbound.io/v1beta1',
  kind: 'FlexibleServer',
  name: 'object',
  labels: { 'app.kubernetes.io/managed-by': 'function-postgresql' },
  annotations: {},
  policies: [],
  deleting: false,
  conditions: [],
  ready: true,
  synced: true,
  failing: (parts.conditions ?? []).some(
    ({ type, status }) => (type === 'Synced' || type === 'LastAsyncOperation') && status === 'False',
  ),
  mayCreate: true,
  lost: false,
  forProvider: {},
  initProvider: {},
  atProvider: {},
  data: {},
  connection: () => ({}),
  ...parts,
});

export const facts = (
  resources: Record<string, ObservedResource>,
  conditions: Observed['conditions'] = [],
): Observed => ({
  resources: new Map(Object.entries(resources)),
  conditions,
  zones: new Map(),
  announcedRestarts: new Set(),
  failoverHistory: [],
  connection: {},
});
