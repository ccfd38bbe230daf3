import type { Composed, KubernetesObject } from '../azure/managed.ts';
import { MANAGED_BY } from '../names.ts';
import type { CallWork, JobPlan, Plan, ProbeWork } from '../plan/types.ts';
import { CONFINED, UNPRIVILEGED } from './pods.ts';
import { VALIDATION_SCRIPT, VERIFICATION_SCRIPT } from './probe-scripts.ts';

export const jobs = (plan: Plan): Composed[] => plan.jobs.map(job);

const WHY = {
  Validate: 'writes by the write name and reads back',
  Verify: 'asks PostgreSQL whether the server is promoted',
  Call: 'makes the Azure call that promotes the replica',
} as const;

/** A probe has time for resolvers that still have the name's old target, a call for a replica that has to catch up. */
const DEADLINE_SECONDS = { Validate: 900, Verify: 900, Call: 3600 } as const;

const job = ({ key, via, name, namespace, after, until, template, work }: JobPlan): KubernetesObject => ({
  key,
  why: WHY[work.does],
  after,
  until,
  holds: 'nothing',
  via,
  manifest: {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace,
      // Or else whoever deletes a Job leaves its pods behind (Kubernetes, batch/v1: DefaultGarbageCollectionPolicy).
      finalizers: ['foregroundDeletion'],
    },
    spec: {
      backoffLimit: 5,
      activeDeadlineSeconds: DEADLINE_SECONDS[work.does],
      template: template ?? (work.does === 'Call' ? caller(work) : prober(work, name)),
    },
  },
});

const prober = ({ does, image, host, target, login, password }: ProbeWork, name: string) => ({
  metadata: { labels: { 'app.kubernetes.io/managed-by': MANAGED_BY } },
  spec: {
    automountServiceAccountToken: false,
    restartPolicy: 'Never',
    securityContext: UNPRIVILEGED,
    containers: [
      {
        name: 'probe',
        image,
        command: ['/bin/sh', '-euc', does === 'Verify' ? VERIFICATION_SCRIPT : VALIDATION_SCRIPT],
        env: [
          { name: 'PGHOST', value: host },
          ...(target === undefined ? [] : [{ name: 'TARGET', value: target }]),
          { name: 'PGPORT', value: '5432' },
          { name: 'PGDATABASE', value: 'postgres' },
          { name: 'PGUSER', value: login },
          { name: 'PGPASSWORD', valueFrom: { secretKeyRef: { name: password.name, key: password.key } } },
          { name: 'PGSSLMODE', value: 'require' },
          { name: 'PGCONNECT_TIMEOUT', value: '10' },
          { name: 'PGAPPNAME', value: name },
        ],
        resources: { requests: { cpu: '50m', memory: '64Mi' } },
        securityContext: CONFINED,
      },
    ],
  },
});

/** With the token of its ServiceAccount, with which it reads the object that asks for the failover. */
const caller = ({ image, serviceAccount, arguments: words }: CallWork) => ({
  metadata: { labels: { 'app.kubernetes.io/managed-by': MANAGED_BY, 'azure.workload.identity/use': 'true' } },
  spec: {
    serviceAccountName: serviceAccount,
    automountServiceAccountToken: true,
    restartPolicy: 'Never',
    securityContext: UNPRIVILEGED,
    containers: [
      {
        name: 'call',
        image,
        command: ['/usr/bin/node', '/failover.cjs', 'failover', ...words],
        resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
        securityContext: CONFINED,
      },
    ],
  },
});
