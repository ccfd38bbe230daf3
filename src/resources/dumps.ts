import { type Composed, type KubernetesObject, managed } from '../azure/managed.ts';
import { ManagementPolicy } from '../azure/storage.ts';
import { keys, MANAGED_BY } from '../names.ts';
import type { BackupPlan, DumpPlan, Plan } from '../plan/types.ts';
import { DUMP_SCRIPT } from './dump-script.ts';
import { CONFINED, UNPRIVILEGED, workloadAnnotations } from './pods.ts';
import { selects } from './selectors.ts';

export function dumps({ backup, dumps }: Plan): Composed[] {
  if (!backup || !dumps) return []; // nobody asks for dumps
  return [serviceAccount(dumps), cronJob(dumps), retention(backup, dumps)];
}

function serviceAccount({ via, namespace, serviceAccount, clientId, standsOn }: DumpPlan): KubernetesObject {
  return {
    key: keys.dumpServiceAccount,
    why: 'identity of the dumps in Azure',
    after: [],
    until: clientId === undefined ? standsOn.slice(0, 1) : [],
    holds: 'nothing',
    via,
    manifest: {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: serviceAccount, namespace, annotations: workloadAnnotations(clientId) },
      automountServiceAccountToken: false,
    },
  };
}

const FOLDER = '/dumps';

function cronJob(plan: DumpPlan): KubernetesObject {
  const mounts = [{ name: 'dumps', mountPath: FOLDER }];
  return {
    key: keys.dumpCronJob,
    why: 'dumps every database and uploads the dumps',
    after: [keys.backupContainer, keys.dumpServiceAccount, plan.record, ...plan.standsOn],
    until: plan.until,
    holds: 'nothing',
    via: plan.via,
    manifest: {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: plan.cronJob, namespace: plan.namespace },
      spec: {
        schedule: plan.schedule,
        suspend: plan.suspended ? true : undefined,
        timeZone: 'Etc/UTC',
        // Two runs would take each other's time and, on a replica, hold back replay.
        concurrencyPolicy: 'Forbid',
        // Kubernetes gives up a schedule of which it missed more than 100 starts, unless it may look back only so far.
        startingDeadlineSeconds: 3600,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          spec: {
            // A replica cancels a dump that holds back replay for too long; another try may get through.
            backoffLimit: 2,
            activeDeadlineSeconds: plan.deadlineHours * 3600,
            template: {
              metadata: {
                labels: { 'app.kubernetes.io/managed-by': MANAGED_BY, 'azure.workload.identity/use': 'true' },
              },
              spec: {
                serviceAccountName: plan.serviceAccount,
                automountServiceAccountToken: false,
                restartPolicy: 'Never',
                securityContext: UNPRIVILEGED,
                initContainers: [
                  {
                    name: 'dump',
                    image: plan.image,
                    command: ['/bin/sh', '-euc', DUMP_SCRIPT],
                    env: [
                      { name: 'DUMPS', value: FOLDER },
                      { name: 'DATABASES', value: [...new Set(plan.databases)].join('\n') },
                      { name: 'PGHOST', value: plan.host },
                      { name: 'PGPORT', value: '5432' },
                      { name: 'PGUSER', value: plan.login },
                      {
                        name: 'PGPASSWORD',
                        valueFrom: { secretKeyRef: { name: plan.password.name, key: plan.password.key } },
                      },
                      { name: 'PGSSLMODE', value: 'require' },
                      { name: 'PGCONNECT_TIMEOUT', value: '30' },
                      { name: 'PGAPPNAME', value: plan.cronJob },
                    ],
                    resources: { requests: { cpu: '100m', memory: '128Mi' } },
                    securityContext: CONFINED,
                    volumeMounts: mounts,
                  },
                ],
                containers: [
                  {
                    name: 'upload',
                    image: plan.uploadImage,
                    command: ['/usr/bin/node', '/dumps.cjs', 'upload'],
                    env: [
                      { name: 'DUMPS', value: FOLDER },
                      { name: 'CONTAINER_URL', value: plan.containerUrl },
                      { name: 'FOLDER', value: plan.folder },
                    ],
                    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
                    securityContext: CONFINED,
                    volumeMounts: mounts,
                  },
                ],
                volumes: [
                  {
                    name: 'dumps',
                    // A volume of its own: an emptyDir would fill the node's disk.
                    ephemeral: {
                      volumeClaimTemplate: {
                        spec: {
                          accessModes: ['ReadWriteOnce'],
                          storageClassName: plan.storageClassName,
                          resources: { requests: { storage: `${plan.volumeSizeGB}Gi` } },
                        },
                      },
                    },
                  },
                ],
              },
            },
          },
        },
      },
    },
  };
}

/** Versions go as well: the account keeps every blob that is overwritten or deleted as one. */
function retention({ containerName }: BackupPlan, { folder, retentionDays }: DumpPlan): Composed {
  return managed(ManagementPolicy, {
    key: keys.dumpRetention,
    why: 'deletes old dumps',
    after: [keys.backupContainer],
    forProvider: {
      storageAccountIdSelector: selects(keys.backupAccount),
      rule: [
        {
          name: 'delete-old-dumps',
          enabled: true,
          filters: { blobTypes: ['blockBlob'], prefixMatch: [`${containerName}/${folder}/`] },
          actions: {
            baseBlob: { deleteAfterDaysSinceModificationGreaterThan: retentionDays },
            version: { deleteAfterDaysSinceCreation: retentionDays },
          },
        },
      ],
    },
  });
}
