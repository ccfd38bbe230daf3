import type { PostgreSQLSpec } from './types.generated.ts';

type Network = PostgreSQLSpec['network'];

/** Azure takes the rule from 0.0.0.0 to 0.0.0.0 for all of its services. */
const AZURE_SERVICES = { name: 'azure-services', startAddress: '0.0.0.0', endAddress: '0.0.0.0' };

/** Both ends of a range that lets nobody in: an address for documentation, which the Internet does not route (RFC 5737). */
export const NOBODY = '192.0.2.0';

/** Who may connect to servers with public access: the firewall rules of each that clients may reach. */
export const clients = ({ firewallRules, allowAzureServices }: Network): Network['firewallRules'] => [
  ...firewallRules,
  ...(allowAzureServices ? [AZURE_SERVICES] : []),
];
