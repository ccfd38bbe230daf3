import { resourceKey } from '../../azure/arm-id.ts';
import type { AzureResource, SentRequest, Simulation } from '../../azure/state.ts';
import type { Json } from '../../support/requests.ts';
import { failoverOf, servers } from './story.ts';
import type { World } from './world.ts';

const REGIONS = { primary: 'eastus2', secondary: 'centralus' } as const;

const resourceOf = (sim: Simulation, id: unknown): AzureResource | undefined =>
  typeof id === 'string' ? sim.resources[resourceKey(id)] : undefined;

/** `primary-server-2` is the second server of the primary region. */
function byKey({ status, sim }: Pick<World, 'status' | 'sim'>, key: string): AzureResource | undefined {
  const [, site, generation = '1'] = /^(primary|secondary)-server(?:-(\d+))?$/.exec(key) ?? [];
  const region = REGIONS[site === 'secondary' ? 'secondary' : 'primary'];
  return resourceOf(
    sim,
    servers(status).find((one) => one.region === region && one.generation === Number(generation))?.id,
  );
}

const COPIED = ', copied to another region,';

/** Condition BackupConfigured says of each server what its backups in Azure are. */
export function untrueBackups({ status, sim, spec }: World): string[] {
  const found = ((status.conditions ?? []) as readonly Json[]).find(({ type }) => type === 'BackupConfigured');
  if (found?.status !== 'True' || found.reason === 'UpdateRefused') return [];
  const message = String(found.message);
  const wrong: string[] = [];
  const kept = [...message.matchAll(/(\S+) keeps its own for (\d+) days(, copied to another region,)?/g)];
  for (const [, key = '', days, copied] of kept) {
    const server = byKey({ status, sim }, key);
    if (!server) continue;
    const { backupRetentionDays, geoRedundantBackupEnabled } = server.properties;
    if (backupRetentionDays !== Number(days))
      wrong.push(`BackupConfigured gives ${key} ${days} days, and Azure ${backupRetentionDays}`);
    if ((geoRedundantBackupEnabled === true) !== (copied === COPIED))
      wrong.push(
        `BackupConfigured says that the backups of ${key} are ${copied ? '' : 'not '}copied, and Azure not so`,
      );
  }
  const writer = resourceOf(sim, servers(status).find(({ role }) => role === 'Primary')?.id);
  const asked = ((spec.database ?? {}) as Json).geoRedundantBackup !== false;
  if (writer && (found.reason === 'NoGeoCopy') !== (asked && writer.properties.geoRedundantBackupEnabled !== true))
    wrong.push(
      `BackupConfigured is ${found.reason}, and geo-redundant backup of the writer ${writer.properties.geoRedundantBackupEnabled}`,
    );
  const { retire = [], formerPrimary } = (spec.failover ?? {}) as {
    retire?: readonly unknown[];
    formerPrimary?: string;
  };
  for (const { role, id, name, region, generation } of servers(status)) {
    const former = resourceOf(sim, id);
    const goes = formerPrimary === 'Delete' || retire.includes(name);
    if (role !== 'Former' || goes || former?.phase !== 'Ready' || former.properties.sourceServerId !== undefined)
      continue;
    const key = `${region === REGIONS.primary ? 'primary' : 'secondary'}-server${generation === 1 ? '' : `-${generation}`}`;
    if (kept.every(([, told]) => told !== key)) wrong.push(`BackupConfigured does not tell of the backups of ${key}`);
  }
  return wrong;
}

/** What was asked for is what the server that takes writes has, once nothing moves any more. */
export function unsettledBackups({ status, sim, spec }: World): string[] {
  if (failoverOf(status).phase !== 'Stable') return [];
  const writer = resourceOf(sim, servers(status).find(({ role }) => role === 'Primary')?.id);
  const days = ((spec.database ?? {}) as Json).backupRetentionDays ?? 14;
  const has = writer?.properties.backupRetentionDays;
  return writer && has !== days ? [`the writer keeps its backups for ${has} days and not for ${days}`] : [];
}

/** Backups of a former writer are never dropped earlier than it said. */
export const droppedBackups = ({ status, sim }: World, sent: readonly SentRequest[]): string[] =>
  sent.flatMap(({ by, id, body }) => {
    const days = (body as Json | undefined)?.backupRetentionDays;
    const former = servers(status).some(
      (one) => one.role === 'Former' && resourceKey(String(one.id)) === resourceKey(id),
    );
    const has = Number(sim.resources[resourceKey(id)]?.properties.backupRetentionDays);
    return by !== undefined && former && typeof days === 'number' && days < has
      ? [`${id.split('/').at(-1)} is to keep its backups for ${days} days instead of ${has}`]
      : [];
  });
