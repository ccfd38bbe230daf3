import type { Composed, KubernetesObject } from '../azure/managed.ts';
import { MANAGED_BY } from '../names.ts';
import type { JobPlan, Plan } from '../plan/types.ts';
import { CONFINED, UNPRIVILEGED } from './pods.ts';
import { VALIDATION_SCRIPT } from './probe-scripts.ts';

export const jobs = (plan: Plan): Composed[] => plan.jobs.map(job);

/** Long enough for clients whose resolver still has the name's old target. */
const DEADLINE_SECONDS = 900;

const job = (plan: JobPlan): KubernetesObject => ({
  key: plan.key,
  why: 'writes by the write name and reads back',
  after: [plan.after],
  holds: 'nothing',
  via: plan.via,
  manifest: {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: plan.name,
      namespace: plan.namespace,
      // Or else whoever deletes a Job leaves its pods behind (Kubernetes, batch/v1: DefaultGarbageCollectionPolicy).
      finalizers: ['foregroundDeletion'],
    },
    spec: {
      backoffLimit: 5,
      activeDeadlineSeconds: DEADLINE_SECONDS,
      template: plan.template ?? template(plan),
    },
  },
});

const template = (plan: JobPlan) => ({
  metadata: { labels: { 'app.kubernetes.io/managed-by': MANAGED_BY } },
  spec: {
    automountServiceAccountToken: false,
    restartPolicy: 'Never',
    securityContext: UNPRIVILEGED,
    containers: [
      {
        name: 'probe',
        image: plan.image,
        command: ['/bin/sh', '-euc', VALIDATION_SCRIPT],
        env: [
          { name: 'PGHOST', value: plan.host },
          { name: 'TARGET', value: plan.target },
          { name: 'PGPORT', value: '5432' },
          { name: 'PGDATABASE', value: 'postgres' },
          { name: 'PGUSER', value: plan.login },
          { name: 'PGPASSWORD', valueFrom: { secretKeyRef: { name: plan.password.name, key: plan.password.key } } },
          { name: 'PGSSLMODE', value: 'require' },
          { name: 'PGCONNECT_TIMEOUT', value: '10' },
          { name: 'PGAPPNAME', value: plan.name },
        ],
        resources: { requests: { cpu: '50m', memory: '64Mi' } },
        securityContext: CONFINED,
      },
    ],
  },
});
