import { closest } from './closest.ts';
import type { Database } from './database.ts';
import { fine, type Rule, refuse } from './rule.ts';

/** Every provider configuration that a user names, by the field around the name. */
function named({ spec: { regions, resourceGroup, network } }: Database): readonly (readonly [string, string])[] {
  const parts = [
    ['spec.resourceGroup.existing', resourceGroup.existing],
    ['spec.regions.primary.subnet.existing', regions.primary.subnet?.existing],
    ['spec.regions.secondary.subnet.existing', regions.secondary?.subnet?.existing],
    ['spec.network.privateDnsZone.existing', network.privateDnsZone?.existing],
    ['spec.network.privateLinkZone.existing', network.privateLinkZone?.existing],
    ...(network.hubs ?? []).map((hub, index) => [`spec.network.hubs[${index}]`, hub] as const),
  ] as const;
  return parts.flatMap(([field, part]) =>
    part?.providerConfigRef ? [[`${field}.providerConfigRef.name`, part.providerConfigRef.name] as const] : [],
  );
}

/** A configuration stands for an identity and its rights, which the platform team hands out. */
const offeredConfigs: Rule = (database) => {
  const offered = database.platform.otherProviderConfigRefs.map(({ name }) => name);
  return named(database).flatMap(([field, name]) => {
    if (offered.includes(name)) return fine;
    const near = closest(name, offered);
    return refuse(
      field,
      `"${name}" is not a configuration that the platform offers; ${near ? `did you mean "${near}"? Otherwise ` : ''}have the platform team add it to otherProviderConfigRefs in the Composition's input`,
    );
  });
};

/** CEL. Microsoft, private endpoint overview: "deployed in the same region and subscription as the virtual network". */
const endpointBesideServer: Rule = ({ spec: { network, regions } }) =>
  network.mode === 'PrivateEndpoint' &&
  [regions.primary, regions.secondary].some((region) => region?.subnet?.existing.providerConfigRef)
    ? refuse(
        'spec.network.mode',
        'is PrivateEndpoint, and Azure wants a private endpoint in the subscription of its network; remove providerConfigRef from the subnets, and name subnets in the subscription of the servers',
      )
    : fine;

export const providerConfigRules: readonly Rule[] = [offeredConfigs, endpointBesideServer];
