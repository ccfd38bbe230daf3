import { apiVersionOf, kinds } from './kinds.ts';
import { createMemoryCluster } from './memory.ts';
import * as p from './platform.ts';
import { admit, describeKind } from './schema.ts';
import type { Manifest } from './state.ts';

const flavour = { namespaced: true };
const errorsOf = (manifest: Manifest): string => admit(manifest).errors.join('; ');

describe('the schemas of the real CRDs', () => {
  it.each(
    kinds.flatMap((kind) =>
      [true, false].map((namespaced) => [kind.kind, apiVersionOf(kind, namespaced), namespaced] as const),
    ),
  )('know %s in %s', (kind, apiVersion, namespaced) => {
    expect(describeKind(apiVersion, kind)?.namespaced).toBe(namespaced);
  });

  it.each([
    ['kubernetes.m.crossplane.io/v1alpha1', true],
    ['kubernetes.crossplane.io/v1alpha2', false],
  ])('know Object in %s', (apiVersion, namespaced) => {
    expect(describeKind(apiVersion, 'Object')?.namespaced).toBe(namespaced);
  });

  it.each([
    ['an unknown field', p.primary(flavour, { sizeInGb: 5 }), 'unknown field "spec.forProvider.sizeInGb"'],
    [
      'an unknown field in a block',
      p.primary(flavour, { highAvailability: { mode: 'SameZone', zone: '1' } }),
      'unknown field "spec.forProvider.highAvailability.zone"',
    ],
    [
      'an identifier in initProvider',
      p.primary(flavour, {}, { initProvider: { resourceGroupName: 'x' } }),
      'unknown field "spec.initProvider.resourceGroupName"',
    ],
    ['a wrong type', p.primary(flavour, { storageMb: '131072' }), 'spec.forProvider.storageMb: must be number'],
    ['an unknown policy', p.primary(flavour, {}, { policies: ['Read'] }), 'must be equal to one of the allowed values'],
    [
      'a missing required field',
      p.managed(flavour, 'ResourceGroup', 'rg', {}),
      'spec.forProvider.location is a required parameter',
    ],
    [
      'the deletion policy of the other flavour',
      { ...p.resourceGroup(flavour), spec: { forProvider: { location: 'eastus2' }, deletionPolicy: 'Orphan' } },
      'unknown field "spec.deletionPolicy"',
    ],
    [
      'a provider config without kind',
      { ...p.resourceGroup(flavour), spec: { forProvider: { location: 'eastus2' }, providerConfigRef: { name: 'x' } } },
      "must have required property 'kind'",
    ],
  ])('refuse %s', (_, manifest, message) => {
    expect(errorsOf(manifest)).toContain(message);
    expect(() => createMemoryCluster().apply(manifest)).toThrow(message);
  });

  it('ask for required fields only where the policies write', () => {
    expect(errorsOf(p.managed(flavour, 'ResourceGroup', 'rg', {}, { policies: ['Observe'] }))).toBe('');
    expect(errorsOf(p.managed(flavour, 'ResourceGroup', 'rg', {}, { initProvider: { location: 'eastus2' } }))).toBe('');
  });

  it('give the default policies', () => {
    expect(admit(p.resourceGroup(flavour)).manifest.spec?.managementPolicies).toEqual(['*']);
  });

  it('refuse the deprecated list shape of a cluster kind', () => {
    const manifest = { ...p.primary({ namespaced: false }), apiVersion: 'dbforpostgresql.azure.upbound.io/v1beta1' };
    expect(() => createMemoryCluster().apply(manifest)).toThrow(
      'the simulator knows it as dbforpostgresql.azure.upbound.io/v1beta2',
    );
  });
});
