import { samples, total } from './metrics.ts';
import type { Platform } from './platform.ts';

export interface Measures {
  /** RunFunction calls that Crossplane made. */
  readonly calls: number;
  /** Reconciles of XRs, in both flavours. */
  readonly reconciles: number;
  /** Watch events that core's circuit breaker counted: two for an update. */
  readonly events: number;
  /** Server-side applies that the API server took: of composed objects, and of XRs with their status. */
  readonly applies: { readonly composed: number; readonly composite: number };
}

const COMPOSED = /(^|\.)(upbound\.io|crossplane\.io)$|^$|^rbac\.authorization\.k8s\.io$/;
const ELSEWHERE = new Set([
  'namespaces',
  'clusterroles',
  'functionrevisions',
  'compositions',
  'customresourcedefinitions',
]);

/** What has been counted so far; to be taken before and after. */
export async function measure({ controlPlane }: Platform): Promise<Measures> {
  const core = samples(await (await fetch(controlPlane.metricsUrl)).text());
  const apiServer = samples(await controlPlane.kubectl(['get', '--raw', '/metrics']));
  const applies = apiServer.filter(({ name, labels }) => name === 'apiserver_request_total' && labels.verb === 'APPLY');
  const sum = (keep: (group: string, resource: string) => boolean): number =>
    applies
      .filter(({ labels: { group = '', resource = '' } }) => keep(group, resource))
      .reduce((all, { value }) => all + value, 0);
  return {
    calls: total(core, 'function_run_function_request_total'),
    reconciles: core
      .filter(({ name, labels }) => name === 'controller_runtime_reconcile_total' && isComposite(labels.controller))
      .reduce((all, { value }) => all + value, 0),
    events: total(core, 'circuit_breaker_events_total'),
    applies: {
      composed: sum(
        (group, resource) =>
          COMPOSED.test(group) &&
          !/crossplane\.io$/.test(group.replace(/^(kubernetes(\.m)?|protection)\./, 'composed ')) &&
          !ELSEWHERE.has(resource),
      ),
      composite: sum((group) => group.endsWith('database.platform.io')),
    },
  };
}

const isComposite = (controller = ''): boolean => controller.startsWith('composite/xpostgresqldatabases');

export const difference = (before: Measures, after: Measures): Measures => ({
  calls: after.calls - before.calls,
  reconciles: after.reconciles - before.reconciles,
  events: after.events - before.events,
  applies: {
    composed: after.applies.composed - before.applies.composed,
    composite: after.applies.composite - before.applies.composite,
  },
});

export const tell = ({ calls, reconciles, events, applies }: Measures): string =>
  `${events} watch events, ${reconciles} reconciles, ${calls} function calls, ${applies.composed} applies of composed objects, ${applies.composite} of the XR and its status`;
