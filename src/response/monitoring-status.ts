import type { PostgreSQLStatus } from '../api/types.generated.ts';
import { keys } from '../names.ts';
import type { Observed } from '../observed/observed.ts';
import type { Plan } from '../plan/types.ts';
import { refusal } from './azure-errors.ts';

/** Azure's portal opens a resource by its id, whatever the tenant. */
const portal = (id: string | undefined): string | undefined => id && `https://portal.azure.com/#@/resource${id}`;

/** What watches each server. An alert that is not there keeps no database from being Ready, so it shows here and nowhere else. */
export function monitoringStatus(plan: Plan, observed: Observed): PostgreSQLStatus['monitoring'] {
  const { workspace, logs, actionGroup, alerts, datadogMonitors } = plan.monitoring;
  const ready = (key: string): boolean => observed.resources.get(key)?.ready === true;
  const all = (server: string, of: readonly { readonly key: string; readonly server: string }[]): boolean => {
    const mine = of.filter((one) => one.server === server);
    return mine.length > 0 && mine.every(({ key }) => ready(key));
  };
  const wanted = [
    ...(workspace ? [keys.workspace] : []),
    ...(actionGroup ? [keys.actionGroup] : []),
    ...[...(logs?.settings ?? []), ...alerts, ...datadogMonitors].map(({ key }) => key),
  ];
  return {
    workspaceId: logs?.workspaceId,
    workspacePortalUrl: portal(logs?.workspaceId),
    message: message(wanted, observed),
    servers: plan.servers.map(({ key, name }) => ({
      name,
      logs: all(key, logs?.settings ?? []),
      alerts: all(key, alerts),
      datadog: all(key, datadogMonitors),
      portalUrl: portal(observed.resources.get(key)?.atProvider.id),
    })),
  };
}

/** The first refusal, or what is not ready yet, in the order of the plan. Always a sentence: one that is left out could stay from before. */
function message(wanted: readonly string[], observed: Observed): string {
  if (wanted.length === 0) return 'nothing is asked for';
  for (const key of wanted) {
    const found = observed.resources.get(key);
    const sentence = found && refusal(found);
    if (sentence !== undefined) return `${key}: ${sentence}`;
  }
  const [first, ...others] = wanted.filter((key) => observed.resources.get(key)?.ready !== true);
  if (first === undefined) return 'all that is asked for is there';
  return others.length === 0 ? `${first}: not ready yet` : `${first} and ${others.length} more: not ready yet`;
}
