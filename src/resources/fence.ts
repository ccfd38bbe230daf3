import { FlexibleServerConfiguration } from '../azure/dbforpostgresql.ts';
import { type Composed, managed } from '../azure/managed.ts';
import { SecurityRule } from '../azure/network.ts';
import { PORTS, PRIORITY } from '../azure/network-priorities.ts';
import { generationOf, keys } from '../names.ts';
import type { Plan } from '../plan/types.ts';
import { selects } from './selectors.ts';

type Fence = Plan['fences'][number];

/** Keeps clients away from a former writer. Both halves stay desired when the fence is off: taking them away would not be a step anybody sees. */
export const fences = (plan: Plan): Composed[] =>
  plan.fences.flatMap((fence) => [...networkHalf(plan, fence), ...(fence.sessions ? [softHalf(fence)] : [])]);

/**
 * Refuses new connections from clients to the whole subnet. Azure decides by flow: a connection that is already open goes on
 * (Microsoft, network-security-groups-overview), which is why the soft half belongs to a fence too.
 */
function networkHalf(plan: Plan, { server, network, on }: Fence): Composed[] {
  if (!network) return [];
  return [
    managed(SecurityRule, {
      key: keys.networkFence(server),
      why: on ? `keeps clients away from ${server}` : `lets clients reach ${server} again`,
      after: [network.nsg],
      externalName: keys.networkFence(server),
      forProvider: {
        resourceGroupName: plan.resourceGroup.name,
        networkSecurityGroupNameSelector: selects(network.nsg),
        description: on ? 'Clients are fenced off the former writer.' : 'The fence is lifted.',
        direction: 'Inbound',
        access: on ? 'Deny' : 'Allow',
        priority: PRIORITY.fence(generationOf(server), on),
        protocol: 'Tcp',
        // Deny holds against rules that other people added; a lifted fence allows no more than the clients' own rule.
        sourceAddressPrefix: on ? '*' : 'VirtualNetwork',
        sourcePortRange: '*',
        destinationAddressPrefix: '*',
        destinationPortRanges: PORTS,
      },
    }),
  ];
}

/** Also reaches sessions that are open: it holds from their next transaction on, but a session can override it. */
const softHalf = ({ server, on, held, parameterId }: Fence): Composed =>
  managed(FlexibleServerConfiguration, {
    key: keys.readOnly(server),
    why:
      on || held
        ? `makes ${server} read-only for sessions that do not ask otherwise`
        : `makes ${server} writable again`,
    after: [server],
    externalName: parameterId,
    // Without Delete, which resets the parameter and so would lift the fence. With LateInitialize: Azure assigns the external name.
    managementPolicies: ['Observe', 'Create', 'Update', 'LateInitialize'],
    forProvider: {
      serverIdSelector: selects(server),
      name: 'default_transaction_read_only',
      value: on || held ? 'on' : 'off',
    },
  });
