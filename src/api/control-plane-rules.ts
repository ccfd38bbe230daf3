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

export const controlPlaneRules: readonly Rule[] = [standbyPassword];
