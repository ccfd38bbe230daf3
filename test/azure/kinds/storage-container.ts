import { lastSegment, parentId } from '../arm-id.ts';
import { objectOf, textOf } from '../json.ts';
import type { KindDefinition } from '../kind.ts';
import { accountType } from './storage-account.ts';

export const storageContainer: KindDefinition = {
  kind: 'Container',
  service: 'storage',
  clusterVersion: 'v1beta1',
  type: `${accountType}/blobServices/containers`,
  naming: 'external-name',
  references: [{ field: 'storageAccountId', kind: 'Account', service: 'storage', by: 'id' }],
  id: (name, { storageAccountId }) =>
    storageAccountId ? `${textOf(storageAccountId)}/blobServices/default/containers/${name}` : undefined,
  identifiers: ['storageAccountId'],
  defaults: { containerAccessType: 'private' },
  removable: ['metadata'],
  forceNew: ['defaultEncryptionScope', 'encryptionScopeOverrideEnabled'],
  seconds: { create: 5, update: 5, delete: 5 },
  computed: ({ id }) => ({
    resourceManagerId: id,
    url: `https://${lastSegment(parentId(parentId(id) ?? '') ?? '')}.blob.core.windows.net/${lastSegment(id)}`,
    hasImmutabilityPolicy: false,
    hasLegalHold: false,
  }),
  rules: [
    {
      id: 'storage-container-name',
      source: 'Microsoft, resource naming rules',
      verified: true,
      on: ['create'],
      code: 'ContainerInvalidName',
      refuse: ({ name }) =>
        /^[a-z0-9](-?[a-z0-9])+$/.test(name) && name.length >= 3 && name.length <= 63
          ? undefined
          : `'${name}' is not a valid container name: 3 to 63 of a-z, 0-9 and single hyphens`,
    },
    {
      id: 'storage-container-metadata',
      source: 'provider-upjet-azure CRDs (lower-case keys)',
      verified: true,
      on: ['create', 'update'],
      code: 'InvalidMetadata',
      refuse: ({ desired }) => {
        const bad = Object.keys(objectOf(desired.metadata)).find((key) => !/^[a-z_][a-z0-9_]*$/.test(key));
        return bad === undefined ? undefined : `metadata key '${bad}' is not a lower-case identifier`;
      },
    },
  ],
};
