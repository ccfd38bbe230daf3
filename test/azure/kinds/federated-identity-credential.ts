import { lastSegment, parentId } from '../arm-id.ts';
import { textOf } from '../json.ts';
import type { KindDefinition } from '../kind.ts';
import { identityType } from './user-assigned-identity.ts';

export const federatedIdentityCredential: KindDefinition = {
  kind: 'FederatedIdentityCredential',
  service: 'managedidentity',
  clusterVersion: 'v1beta1',
  type: `${identityType}/federatedIdentityCredentials`,
  // upjet (config/externalname.go): the id is made from parent_id, whatever user_assigned_identity_id says.
  naming: 'external-name',
  references: [{ field: 'parentId', kind: 'UserAssignedIdentity', service: 'managedidentity', by: 'id' }],
  id: (name, { parentId }) => (parentId ? `${textOf(parentId)}/federatedIdentityCredentials/${name}` : undefined),
  identifiers: ['parentId'],
  defaults: {},
  removable: [],
  forceNew: [],
  seconds: { create: 5, update: 5, delete: 5 },
  rules: [
    {
      id: 'federated-credential-fields',
      source: 'Microsoft, Important considerations and restrictions for federated identity credentials',
      verified: true,
      on: ['create', 'update'],
      code: 'BadRequest',
      refuse: ({ name, desired }) => {
        if (!/^[A-Za-z0-9][A-Za-z0-9_-]{2,119}$/.test(name)) return `'${name}' is not a name of a federated credential`;
        const { issuer, subject, audience } = desired;
        if (!/^https:\/\/.{1,592}$/.test(textOf(issuer))) return 'the issuer is no https URL of at most 600 characters';
        if (textOf(subject) === '' || textOf(subject).length > 600) return 'the subject has 1 to 600 characters';
        return Array.isArray(audience) && audience.length === 1 ? undefined : 'one audience is needed';
      },
    },
    {
      id: 'federated-credential-once',
      source:
        'Microsoft, Important considerations and restrictions for federated identity credentials (issuer and subject are unique on the identity)',
      verified: true,
      on: ['create'],
      code: 'BadRequest',
      refuse: ({ state, id, desired }) => {
        const identity = parentId(id) ?? '';
        const twin = Object.values(state.resources).find(
          (each) =>
            parentId(each.id) === identity &&
            each.id !== id &&
            each.properties.issuer === desired.issuer &&
            each.properties.subject === desired.subject,
        );
        return twin && `'${lastSegment(twin.id)}' has the same issuer and subject`;
      },
    },
  ],
};
