import { type Composed, managed } from '../azure/managed.ts';
import { NO_LATE_INITIALIZE } from '../azure/management-policies.ts';
import {
  SecurityGroup,
  SecurityRule,
  type SecurityRuleFields,
  SubnetNetworkSecurityGroupAssociation,
} from '../azure/network.ts';
import { PORTS, PRIORITY } from '../azure/network-priorities.ts';
import { keys, labels, nsgRuleKey, type SecurityRuleName } from '../names.ts';
import type { Plan, SitePlan, SubnetPlan } from '../plan/types.ts';
import { selects } from './selectors.ts';

/**
 * Without LateInitialize, which would copy the rules that the provider sees into the group as its own; the group would then put them back
 * over every later change of a rule (azurerm_network_security_group: security_rule is optional and computed).
 */
const GROUP_POLICIES = NO_LATE_INITIALIZE;

/** The security group of a subnet of servers or endpoints, its rules, and its tie to the subnet. */
export function security(plan: Plan, site: SitePlan, subnet: SubnetPlan): Composed[] {
  const { nsg } = subnet;
  return nsg === undefined
    ? []
    : [group(plan, site, subnet, nsg), ...rules(plan, site, subnet), association(site, subnet)];
}

function group(plan: Plan, { site, region }: SitePlan, { ordinal }: SubnetPlan, nsg: string): Composed {
  return managed(SecurityGroup, {
    key: keys.nsg(site, ordinal),
    why: `guards the servers' subnet in ${region}`,
    after: [keys.resourceGroup],
    externalName: nsg,
    labels: { [labels.site]: site },
    managementPolicies: GROUP_POLICIES,
    forProvider: { location: region, resourceGroupName: plan.resourceGroup.name, tags: plan.tags },
  });
}

/**
 * What PostgreSQL needs (Microsoft, concepts-networking-private). Azure's own rules, which come last, allow the same and stay: these hold
 * when somebody adds a general deny, and the servers' rule holds when a fence denies the clients.
 */
function rules(plan: Plan, { site }: SitePlan, { ordinal, cidr }: SubnetPlan): Composed[] {
  const servers = plan.sites.flatMap(({ composed }) => composed.map((subnet) => subnet.cidr));
  const rule = (name: SecurityRuleName, why: string, fields: RuleFields): Composed =>
    managed(SecurityRule, {
      key: nsgRuleKey(site, ordinal, name),
      why,
      after: [keys.nsg(site, ordinal)],
      externalName: name,
      labels: { [labels.site]: site },
      forProvider: {
        resourceGroupName: plan.resourceGroup.name,
        networkSecurityGroupNameSelector: selects(keys.nsg(site, ordinal)),
        access: 'Allow',
        protocol: 'Tcp',
        sourcePortRange: '*',
        ...fields,
      },
    });
  const clients = rule('clients-in', 'lets clients in the networks connect', {
    description: 'Clients, to PostgreSQL and PgBouncer.',
    direction: 'Inbound',
    priority: PRIORITY.clients,
    sourceAddressPrefix: 'VirtualNetwork',
    destinationAddressPrefix: cidr,
    destinationPortRanges: PORTS,
  });
  // Through a private endpoint only clients come; the servers' own traffic does not pass the subnet.
  if (plan.networkMode !== 'VNetIntegration') return [clients];
  return [
    rule('servers-in', 'lets replication and high availability in, fence or not', {
      description: 'Replication and high availability between the servers.',
      direction: 'Inbound',
      priority: PRIORITY.servers,
      sourceAddressPrefixes: servers,
      destinationAddressPrefix: cidr,
      destinationPortRanges: PORTS,
    }),
    clients,
    rule('servers-out', 'lets a server reach the others', {
      description: 'Replication and high availability between the servers.',
      direction: 'Outbound',
      priority: PRIORITY.servers,
      sourceAddressPrefix: cidr,
      destinationAddressPrefixes: servers,
      destinationPortRanges: PORTS,
    }),
    rule('storage-out', 'lets backups and the write-ahead log out', {
      description: 'Backups and the write-ahead log.',
      direction: 'Outbound',
      priority: PRIORITY.storage,
      sourceAddressPrefix: cidr,
      destinationAddressPrefix: 'Storage',
      destinationPortRanges: ['443'],
    }),
    rule('entra-out', 'lets a server check Microsoft Entra sign-ins', {
      description: 'Microsoft Entra authentication.',
      direction: 'Outbound',
      priority: PRIORITY.entra,
      sourceAddressPrefix: cidr,
      destinationAddressPrefix: 'AzureActiveDirectory',
      destinationPortRanges: ['443'],
    }),
  ];
}

/** What differs from rule to rule. */
type RuleFields = Omit<
  SecurityRuleFields,
  'resourceGroupName' | 'networkSecurityGroupNameSelector' | 'access' | 'protocol' | 'sourcePortRange'
>;

/**
 * Its external name is the id of the subnet. Said beforehand, the provider takes up an association that exists (left by an object that was
 * orphaned, or made by a create that nobody remembers), which azurerm refuses to create.
 */
function association({ site, region }: SitePlan, { ordinal, id }: SubnetPlan): Composed {
  return managed(SubnetNetworkSecurityGroupAssociation, {
    key: keys.nsgAssociation(site, ordinal),
    why: `puts the security group on the subnet in ${region}`,
    after: [keys.nsg(site, ordinal), keys.subnet(site, ordinal)],
    externalName: id,
    labels: { [labels.site]: site },
    forProvider: {
      subnetIdSelector: selects(keys.subnet(site, ordinal)),
      networkSecurityGroupIdSelector: selects(keys.nsg(site, ordinal)),
    },
  });
}
