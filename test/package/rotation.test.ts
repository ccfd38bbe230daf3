import { readFileSync } from 'node:fs';
import { Environment } from '@marcbachmann/cel-js';
import { parseAllDocuments } from 'yaml';
import { repositoryRoot } from '../../tools/package/publishing.ts';
import { crdProblems } from '../schemas.ts';
import { settle } from '../support/passes.ts';
import { oneRegion, xr } from '../support/requests.ts';

const documents = parseAllDocuments(readFileSync(`${repositoryRoot}examples/rotation/rotation.yaml`, 'utf8')).map(
  (each) => each.toJS(),
);
const [cronJob, account, role, binding, policy, policyBinding] = documents;
const pod = cronJob.spec.jobTemplate.spec.template.spec;
const [container] = pod.containers;

describe('examples/rotation', () => {
  it('is what Kubernetes takes', () => {
    for (const document of [cronJob, account, role, binding]) expect(crdProblems(document)).toEqual([]);
  });

  it('patches the trigger with a text that each Job has of its own', () => {
    const [, target, , patch] = container.args;
    expect(target).toBe(
      `${role.rules[0].resources[0]}.${role.rules[0].apiGroups[0]}/${role.rules[0].resourceNames[0]}`,
    );
    expect(container.env[0].valueFrom.fieldRef.fieldPath).toBe("metadata.labels['batch.kubernetes.io/job-name']");
    // Kubernetes: a Job of a CronJob is called <name>-<minutes since 1970>.
    const { spec } = JSON.parse(
      patch.replace('--patch=', '').replace('$(TRIGGER)', `${cronJob.metadata.name}-29999999`),
    );
    const { response } = settle(xr('namespaced', { ...oneRegion, ...spec }));
    expect(response.results).toEqual([]);
    expect(Object.keys(response.desired?.resources ?? {})).toContainEqual(
      expect.stringMatching(/^admin-password-[0-9a-f]{8}$/),
    );
  });

  it('acts as an identity that may patch this one database', () => {
    expect(pod.serviceAccountName).toBe(account.metadata.name);
    expect(binding.subjects).toEqual([{ kind: 'ServiceAccount', ...account.metadata }]);
    expect(binding.roleRef.name).toBe(role.metadata.name);
    expect(role.rules).toHaveLength(1);
    expect(role.rules[0].verbs).toEqual(['get', 'patch']);
    expect(policyBinding.spec.policyName).toBe(policy.metadata.name);
  });
});

describe('the admission policy of examples/rotation', () => {
  const old = {
    regions: { primary: { name: 'eastus2' } },
    security: { adminUsername: 'psqladmin', passwordRotation: { trigger: 'a' } },
  };

  /** What the policy's expressions make of an update, as the API server evaluates them: each variable when it is defined. */
  function changed(from: object, to: object): unknown {
    const types = new Environment({ unlistedVariablesAreDyn: true });
    const variables: Record<string, unknown> = {};
    for (const { name, expression } of policy.spec.variables)
      variables[name] = types.evaluate(expression, { object: { spec: to }, oldObject: { spec: from }, variables });
    return variables.changed;
  }

  it('lets the trigger change', () => {
    expect(changed(old, { ...old, security: { ...old.security, passwordRotation: { trigger: 'b' } } })).toEqual([]);
    expect(changed({ regions: old.regions }, { ...old, security: { passwordRotation: { trigger: 'b' } } })).toEqual([]);
  });

  it.each<[string, object, string[]]>([
    ['another field', { ...old, regions: { primary: { name: 'westus' } } }, ['regions']],
    ['a field more', { ...old, failover: { activeRegion: 'secondary' } }, ['failover']],
    ['a field less', { security: old.security }, ['regions']],
    ['another setting of security', { ...old, security: { ...old.security, adminUsername: 'me' } }, ['adminUsername']],
    ['all of security gone', { regions: old.regions }, ['adminUsername', 'passwordRotation']],
  ])('refuses %s', (_, to, fields) => expect(changed(old, to)).toEqual(fields));

  it.each([
    ['system:serviceaccount:team-a:testmulti-rotation', true],
    ['system:serviceaccount:team-a:testmulti-management', false],
    ['system:serviceaccount:crossplane-system:crossplane', false],
    ['a-person-rotation', false],
  ])('is for %s: %s', (username, isFor) => {
    const types = new Environment({ unlistedVariablesAreDyn: true });
    const [{ expression }] = policy.spec.matchConditions;
    expect(types.evaluate(expression, { request: { userInfo: { username } } })).toBe(isFor);
  });
});
