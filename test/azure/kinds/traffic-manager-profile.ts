import { providerId, resourceGroupId, resourceKey } from '../arm-id.ts';
import { isEmpty, numberOf, objectOf, textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName } from '../kind.ts';
import { isRelativeName, profileType, relativeNameOf } from './traffic-manager-lookup.ts';

export const trafficManagerProfile: KindDefinition = {
  kind: 'TrafficManagerProfile',
  service: 'network',
  clusterVersion: 'v1beta2',
  type: profileType,
  naming: 'external-name',
  globalName: true,
  references: [resourceGroupName],
  id: (name, { resourceGroupName: group }, subscription) =>
    group ? providerId(resourceGroupId(subscription, textOf(group)), profileType, name) : undefined,
  identifiers: ['resourceGroupName'],
  defaults: { profileStatus: 'Enabled' },
  removable: ['tags', 'maxReturn'],
  forceNew: [],
  // azurerm 4.80 azurerm_traffic_manager_profile: of this block the relative name alone.
  forcesNew: (field, { old, new: wished }) =>
    field === 'dnsConfig' && objectOf(old).relativeName !== objectOf(wished).relativeName,
  seconds: { create: 10, update: 10, delete: 10 },
  computed: (resource) => ({ fqdn: `${relativeNameOf(resource)}.trafficmanager.net` }),
  rules: [
    {
      id: 'traffic-manager-name',
      source: 'Microsoft, resource naming rules (1 to 63 letters, digits, hyphens and periods)',
      verified: true,
      on: ['create'],
      code: 'InvalidResourceName',
      refuse: ({ name, desired }) => {
        if (!/^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/.test(name))
          return `the Traffic Manager profile name '${name}' is not valid`;
        const label = textOf(objectOf(desired.dnsConfig).relativeName);
        return isRelativeName(label) ? undefined : `the relative DNS name '${label}' is not valid`;
      },
    },
    {
      id: 'traffic-manager-relative-name-taken',
      source:
        'Microsoft, Traffic Manager REST API (Profiles, Check Traffic Manager Relative Dns Name Availability); microsoft/unreal-cloud-ddc-on-azure #42',
      verified: true,
      on: ['create', 'update'],
      code: 'Conflict',
      refuse: ({ state, id, desired }) => {
        const label = textOf(objectOf(desired.dnsConfig).relativeName).toLowerCase();
        const taken =
          state.options.taken.includes(`trafficmanager.net/${label}`) ||
          Object.values(state.resources).some(
            (each) =>
              each.type === profileType &&
              resourceKey(each.id) !== resourceKey(id) &&
              relativeNameOf(each).toLowerCase() === label,
          );
        return taken
          ? `Domain name ${label}.trafficmanager.net is not available. Please choose a different DNS prefix.`
          : undefined;
      },
    },
    {
      id: 'traffic-manager-fields',
      source:
        'Microsoft, Traffic Manager endpoint monitoring (no path with TCP; intervals); azurerm 4.80 azurerm_traffic_manager_profile (ttl, port, routing methods)',
      verified: true,
      on: ['create', 'update'],
      code: 'BadRequest',
      refuse: ({ desired }) => {
        const methods = ['Geographic', 'MultiValue', 'Performance', 'Priority', 'Subnet', 'Weighted'];
        if (!methods.includes(textOf(desired.trafficRoutingMethod)))
          return `the routing method '${textOf(desired.trafficRoutingMethod)}' is unknown`;
        const { ttl } = objectOf(desired.dnsConfig);
        if (!Number.isInteger(ttl) || numberOf(ttl) < 0 || numberOf(ttl) > 2_147_483_647)
          return `ttl ${String(ttl)} is not between 0 and 2147483647`;
        const { protocol, port, path, intervalInSeconds: interval } = objectOf(desired.monitorConfig);
        if (!['HTTP', 'HTTPS', 'TCP'].includes(textOf(protocol)))
          return `the protocol '${textOf(protocol)}' is unknown`;
        if (numberOf(port) < 1 || numberOf(port) > 65_535) return `port ${String(port)} is not between 1 and 65535`;
        if ((protocol === 'TCP') !== isEmpty(path)) return 'a path is for HTTP and HTTPS, which need one';
        return isEmpty(interval) || [10, 30].includes(numberOf(interval))
          ? undefined
          : `the probing interval ${String(interval)} is neither 10 nor 30`;
      },
    },
  ],
};
