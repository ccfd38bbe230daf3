import type { ObservedResource } from '../observed/observed.ts';

/**
 * What Azure and the provider say when they refuse, as sentences that say what to do. Their own texts carry request ids and times, which
 * would make a condition flap, so only the code is ever repeated. Codes: ARM, Microsoft.DBforPostgreSQL, azurerm 4.80, upjet 2.4.
 */
const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [
    /cannot get (referenced )?(secret|password)|secrets? "[^"]*" not found/i,
    'the Secret with the password, or its key, does not exist; create it',
  ],
  [
    /LocationIsOfferRestricted|SubscriptionNotAllowed|RegionIsOfferRestricted/,
    'the subscription may not create PostgreSQL servers in this region; ask Azure support for access, or choose another region',
  ],
  [
    /QuotaExceeded|CoresQuota|SkuQuota|exceeding approved .* quota/i,
    "the subscription's vCore quota in this region is used up; ask for more quota, or choose a smaller size",
  ],
  [
    /AvailabilityZoneNotAvailable|ZonalAllocationFailed|MultiAZ|ZoneRedundant.*not (supported|available)/i,
    'Azure has no capacity for this size in the chosen zone; choose other zones, another size, or mode SameZone',
  ],
  [
    /AllocationFailed|OverconstrainedAllocation|SkuNotAvailable|InsufficientCapacity/,
    'Azure has no capacity for this size in this region now; choose another size or region, or wait',
  ],
  [
    /ServerNameAlreadyExists|StorageAccountAlreadyTaken|AlreadyTaken|NameNotAvailable|NameAlreadyExists/,
    "the name is taken in Azure; set another namingPrefix in the Composition's input",
  ],
  [
    // As seen in microsoft/unreal-cloud-ddc-on-azure #42; azurerm #7190 has its status 409.
    /choose a different DNS prefix/,
    'the public name is taken in Azure; set spec.network.trafficManager.enabled to false, and to true with another relativeName',
  ],
  [
    /ServerIsBusy|OperationNotAllowedOnUpdating|AnotherOperationInProgress|ServerBusy|Conflict.*[Uu]pdating/,
    'the server is busy with another operation; it is tried again by itself',
  ],
  [
    /InvalidPassword|PasswordTooWeak|PasswordNotComplex|password.*(complex|strength)/i,
    'the password is too weak; use 8 to 128 characters of three of the classes lower case, upper case, digit, other',
  ],
  [
    /PrivateDnsZoneNameNotValid/,
    'Azure does not accept the private DNS zone; its name must end in .postgres.database.azure.com and not be the name of a server',
  ],
  [
    /VnetAddressSpacesOverlap/,
    'the address ranges of the two networks overlap, which peered networks must not; take the hub out of spec.network.hubs, or create the database in another range',
  ],
  [/RemoteVnetHasNoGateways/, 'the hub has no gateway; set useRemoteGateways to false until it has one'],
  [
    /AnotherPeeringAlreadyReferencesRemoteVnet/,
    'the two networks have another peering already; remove that one, or set peering to false',
  ],
  [/InUseSubnetCannotBeDeleted|InUse/, 'something still uses it; it is tried again by itself'],
  [
    /AuthorizationFailed|LinkedAuthorizationFailed|does not have authorization/,
    "the provider's identity lacks the right to do this; give it a role that allows it",
  ],
  [
    /InvalidAuthenticationToken|AADSTS\d+|cannot get (terraform setup|credentials)|ProviderConfig.*not found/i,
    'the provider cannot log in to Azure; check the provider configuration and its credentials',
  ],
  [
    /MissingSubscriptionRegistration/,
    'the subscription is not registered for the resource provider of this kind; docs/install.md lists those that are needed',
  ],
  [/RequestDisallowedByPolicy/, 'an Azure Policy of the subscription forbids it; ask whoever owns the policy'],
  [
    // Microsoft, diagnostic settings: one category goes to one workspace through one setting; an Azure Policy may have made another.
    /is already used in diagnostic settings? /,
    'another diagnostic setting sends these logs to the same workspace already; remove that setting, or set spec.monitoring.logs.enabled to false',
  ],
  [
    /external resource does not exist|ConfigurationNotExists/,
    'Azure has nothing of this name; check the spelling, and whether this PostgreSQL version has it',
  ],
  [/InvalidParameterValue/, 'Azure refuses a value; write one that it allows'],
  [/ScopeLocked/, 'a management lock forbids it; remove the lock'],
  [
    /refuse to update the external resource because the following update requires replacing it|can only be changed when exchanged|cannot be changed once|existing high_availability/,
    'the wanted change would replace the resource, which the provider refuses; undo the change',
  ],
];

/** No answer is no refusal: what is true in Azure is unknown then, and what the resource says of itself is stale. */
const SILENCE =
  /ServiceUnavailable|GatewayTimeout|TooManyRequests|context deadline exceeded|no such host|connection (refused|reset)|i\/o timeout/;

/** Whether Azure has not answered the provider's last question about a resource. */
export const isUnanswered = (resource: ObservedResource): boolean =>
  !resource.synced &&
  resource.conditions.some(
    ({ type, status, message }) => type === 'Synced' && status === 'False' && SILENCE.test(message),
  );

/** The sentence for the refusal that a resource reports, or undefined while nothing is refused. */
export function refusal(resource: ObservedResource): string | undefined {
  if (!resource.failing) return undefined;
  const failed = resource.conditions.find(
    ({ type, status }) => (type === 'Synced' || type === 'LastAsyncOperation') && status === 'False',
  );
  if (!failed) return undefined;
  const known = SENTENCES.find(([pattern]) => pattern.test(failed.message));
  if (known) return known[1];
  const code = /(?:[Cc]ode="?|error: |"code":\s*")([A-Z][A-Za-z]{4,60})/.exec(failed.message)?.[1];
  return code
    ? `Azure answers ${code}; see the events of the resource`
    : 'the provider reports an error; see the events of the resource';
}
