import { fine, type Rule, refuse } from './rule.ts';

/** Rules over which control plane acts, and what it takes over. */

/** CEL. The provider would generate another password and set it. */
const standbyPassword: Rule = ({ spec: { management, security } }) =>
  management.role === 'Standby' && !security.adminPasswordSecretRef && security.entra?.passwordAuthentication !== false
    ? refuse(
        'spec.security.adminPasswordSecretRef',
        'is missing, but with spec.management.role Standby the password has to be the one that the servers have; put it into a Secret here, and name that',
      )
    : fine;

/** CEL. As above. */
const adoptedPassword: Rule = ({ spec: { adopt, security } }) =>
  adopt && !security.adminPasswordSecretRef && security.entra?.passwordAuthentication !== false
    ? refuse(
        'spec.security.adminPasswordSecretRef',
        'is missing, but with spec.adopt the password has to be the one that the servers have; put it into a Secret here, and name that',
      )
    : fine;

const SERVERS = 'spec.adopt.servers';

/** CEL. */
const adoptedRegions: Rule = ({ spec: { adopt }, secondary }) =>
  adopt?.servers.some(({ region }) => region === 'secondary') && !secondary
    ? refuse(
        SERVERS,
        'lists a server of the secondary region, but there is no spec.regions.secondary; add the region, or remove the entry',
      )
    : fine;

/** CEL. */
const onePrimary: Rule = ({ spec: { adopt } }) =>
  adopt && adopt.servers.filter(({ role }) => role === 'Primary').length !== 1
    ? refuse(
        SERVERS,
        'needs one entry with role Primary and no more, which is the server that takes writes; correct the roles',
      )
    : fine;

const repeats = (values: readonly string[]): boolean => new Set(values).size < values.length;

/** CEL. */
const pairInTwoRegions: Rule = ({ spec: { adopt } }) =>
  adopt && repeats(adopt.servers.filter(({ role }) => role !== 'Former').map(({ region }) => region))
    ? refuse(
        SERVERS,
        'has two servers of one region that take part; the Replica stands in the other region than the Primary, so give the rest role Former',
      )
    : fine;

/** CEL. */
const distinctServers: Rule = ({ spec: { adopt } }) =>
  adopt &&
  (repeats(adopt.servers.map(({ externalName }) => externalName)) ||
    repeats(adopt.servers.map(({ region, generation }) => `${region} ${generation}`)))
    ? refuse(SERVERS, 'holds one externalName twice, or one generation of a region; keep one of the entries')
    : fine;

const ROLE_DEFINITION = 'spec.failover.executorIdentity.roleDefinitionId';

/** CEL. */
const oneExecutor: Rule = ({ spec: { failover } }) =>
  failover.executorIdentity?.roleDefinitionId !== undefined && failover.executorIdentity.clientId !== undefined
    ? refuse(
        ROLE_DEFINITION,
        'is given beside clientId; remove one, because an identity of yours has its rights from you',
      )
    : fine;

/** CEL. */
const executorIssuer: Rule = ({ spec: { failover, management } }) =>
  failover.executorIdentity?.roleDefinitionId !== undefined && !management.workloadIdentity
    ? refuse(
        ROLE_DEFINITION,
        'needs spec.management.workloadIdentity.issuerUrl, which the identity that is made trusts; write that too, or clientId instead',
      )
    : fine;

/** CEL. */
const executorScope: Rule = ({ spec: { failover, resourceGroup } }) =>
  failover.executorIdentity?.roleDefinitionId !== undefined && resourceGroup.existing
    ? refuse(
        ROLE_DEFINITION,
        'would hold for every server in the resource group of yours; write the clientId of an identity that may write the servers of this database instead',
      )
    : fine;

export const controlPlaneRules: readonly Rule[] = [
  standbyPassword,
  adoptedPassword,
  adoptedRegions,
  onePrimary,
  pairInTwoRegions,
  distinctServers,
  oneExecutor,
  executorIssuer,
  executorScope,
];
