import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { repositoryRoot } from '../../tools/package/publishing.ts';
import { settle } from '../support/passes.ts';
import { oneRegion, xr } from '../support/requests.ts';

const text = (path: string): string => readFileSync(`${repositoryRoot}${path}`, 'utf8');

describe.each<['namespaced' | 'claims', string]>([
  ['namespaced', 'azure.m.upbound.io_clusterproviderconfigs.yaml'],
  ['claims', 'azure.upbound.io_providerconfigs.yaml'],
])('the provider configuration of the %s flavour', (flavour, crd) => {
  const [config] = parseAllDocuments(text(`examples/install/${flavour}/provider-config.yaml`)).map((one) => one.toJS());
  const [{ schema }] = parse(text(`test/package/provider-configs/${crd}`)).spec.versions;

  it("fits the provider's CRD", () => {
    const valid = new Ajv({ strict: false }).validate(schema.openAPIV3Schema.properties.spec, config.spec);
    expect(valid).toBe(true);
  });

  it('lets the provider log in to an account that takes no shared keys', () => {
    const { response } = settle(xr(flavour === 'claims' ? 'cluster' : 'namespaced', oneRegion));
    expect(response.desired?.resources['backup-storage-account']?.resource).toMatchObject({
      spec: { forProvider: { sharedAccessKeyEnabled: false } },
    });
    expect(config.spec.storageUseAzureAD).toBe(true);
  });
});
