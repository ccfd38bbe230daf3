import { lastSegment, providerId, resourceGroupId } from '../arm-id.ts';
import { numberOf, objectOf, textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName } from '../kind.ts';
import { isPaired, normaliseRegion } from '../regions.ts';

export const accountType = 'Microsoft.Storage/storageAccounts';

const zonal = (replication: string): boolean => replication.includes('ZRS');

export const storageAccount: KindDefinition = {
  kind: 'Account',
  service: 'storage',
  clusterVersion: 'v1beta2',
  type: accountType,
  naming: 'external-name',
  globalName: true,
  references: [resourceGroupName],
  id: (name, { resourceGroupName: group }, subscription) =>
    group ? providerId(resourceGroupId(subscription, textOf(group)), accountType, name) : undefined,
  identifiers: ['resourceGroupName'],
  defaults: {
    accountKind: 'StorageV2',
    allowNestedItemsToBePublic: true,
    crossTenantReplicationEnabled: false,
    httpsTrafficOnlyEnabled: true,
    infrastructureEncryptionEnabled: false,
    isHnsEnabled: false,
    minTlsVersion: 'TLS1_2',
    publicNetworkAccessEnabled: true,
    sharedAccessKeyEnabled: true,
    defaultToOauthAuthentication: false,
  },
  removable: ['tags'],
  forceNew: ['location', 'accountTier', 'infrastructureEncryptionEnabled', 'isHnsEnabled', 'nfsv3Enabled'],
  forcesNew: (field, change) =>
    field === 'accountReplicationType' && zonal(textOf(change.old)) !== zonal(textOf(change.new)),
  seconds: { create: 30, update: 20, delete: 20 },
  stored: (params) => ({ properties: { accessTier: 'Hot', ...params } }),
  computed: ({ id, properties }) => ({
    primaryBlobEndpoint: `https://${lastSegment(id)}.blob.core.windows.net/`,
    primaryBlobHost: `${lastSegment(id)}.blob.core.windows.net`,
    primaryLocation: normaliseRegion(textOf(properties.location)),
  }),
  connection: ({ id }) => {
    // A made-up key: nothing here opens anything.
    const key = Buffer.from(`simulated-access-key-of-${lastSegment(id)}`).toString('base64');
    return {
      'attribute.primary_access_key': key,
      'attribute.primary_connection_string': `DefaultEndpointsProtocol=https;AccountName=${lastSegment(id)};AccountKey=${key};EndpointSuffix=core.windows.net`,
    };
  },
  rules: [
    {
      id: 'storage-account-name',
      source: 'Microsoft, resource naming rules',
      verified: true,
      on: ['create'],
      code: 'AccountNameInvalid',
      refuse: ({ name }) =>
        /^[a-z0-9]{3,24}$/.test(name)
          ? undefined
          : `'${name}' is not a valid storage account name: 3 to 24 of a-z and 0-9`,
    },
    {
      id: 'storage-account-replication',
      source: 'provider-upjet-azure CRDs; Microsoft, region pairs (geo replication follows the region pairs)',
      verified: true,
      on: ['create', 'update'],
      code: 'InvalidValuesForRequestParameters',
      refuse: ({ desired, region }) => {
        const replication = textOf(desired.accountReplicationType);
        if (!['LRS', 'GRS', 'RAGRS', 'ZRS', 'GZRS', 'RAGZRS'].includes(replication))
          return `accountReplicationType '${replication}' is unknown`;
        if (!['Standard', 'Premium'].includes(textOf(desired.accountTier)))
          return `accountTier '${textOf(desired.accountTier)}' is unknown`;
        return replication.includes('G') && !isPaired(region ?? '')
          ? `the region ${region} has no pair for ${replication}; use LRS or ZRS`
          : undefined;
      },
    },
    {
      id: 'storage-restore-policy',
      source:
        'provider-upjet-azure CRDs (azurerm: restorePolicy needs versioning, change feed and a longer delete retention)',
      verified: true,
      on: ['create', 'update'],
      code: 'provider',
      refuse: ({ desired }) => {
        const blob = objectOf(desired.blobProperties);
        const restore = numberOf(objectOf(blob.restorePolicy).days);
        if (restore === 0) return undefined;
        return blob.versioningEnabled === true &&
          blob.changeFeedEnabled === true &&
          numberOf(objectOf(blob.deleteRetentionPolicy).days) > restore
          ? undefined
          : 'restore_policy needs versioning_enabled, change_feed_enabled and a delete_retention_policy of more days';
      },
    },
  ],
};
