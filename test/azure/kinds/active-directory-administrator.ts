import { parentId, providerId, resourceGroupId, resourceKey } from '../arm-id.ts';
import { isEmpty, objectOf, textOf } from '../json.ts';
import { type KindDefinition, resourceGroupName } from '../kind.ts';
import { serverType } from './server-lookup.ts';

const administratorType = `${serverType}/administrators`;

export const flexibleServerAdministrator: KindDefinition = {
  kind: 'FlexibleServerActiveDirectoryAdministrator',
  service: 'dbforpostgresql',
  clusterVersion: 'v1beta1',
  type: administratorType,
  naming: 'external-name',
  references: [
    resourceGroupName,
    { field: 'serverName', kind: 'FlexibleServer', service: 'dbforpostgresql', by: 'name' },
  ],
  // provider-upjet-azure config/externalname.go: made from the parameters, whatever the annotation says.
  id: (_name, { resourceGroupName: group, serverName, objectId }, subscription) =>
    isEmpty(group) || isEmpty(serverName) || isEmpty(objectId)
      ? undefined
      : providerId(
          resourceGroupId(subscription, textOf(group)),
          administratorType,
          textOf(serverName),
          textOf(objectId),
        ),
  identifiers: ['resourceGroupName', 'serverName', 'objectId'],
  defaults: {},
  removable: [],
  forceNew: ['tenantId', 'principalName', 'principalType'],
  seconds: { create: 60, update: 60, delete: 60 },
  serialise: (id) => ({ busy: [resourceKey(parentId(id) ?? '')] }),
  rules: [
    {
      id: 'administrator-fields',
      source:
        'azurerm 4.80 postgres/postgresql_flexible_server_active_directory_administrator_resource.go (type, object id)',
      verified: true,
      on: ['create'],
      code: 'InvalidParameterValue',
      refuse: ({ name, desired }) => {
        if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name)) return `'${name}' is not an object id`;
        return ['User', 'Group', 'ServicePrincipal'].includes(textOf(desired.principalType))
          ? undefined
          : `the principal type '${textOf(desired.principalType)}' is unknown`;
      },
    },
    {
      id: 'administrator-needs-entra',
      source: 'Microsoft, how-to-configure-sign-in-azure-ad-authentication (enable it first); the code is made up',
      verified: false,
      on: ['create'],
      code: 'AadAuthNotEnabled',
      refuse: ({ state, id }) => {
        const server = state.resources[resourceKey(parentId(id) ?? '')];
        return objectOf(server?.properties.authentication).activeDirectoryAuthEnabled === true
          ? undefined
          : 'Microsoft Entra authentication is not enabled on the server';
      },
    },
  ],
};
