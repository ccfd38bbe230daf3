import { waitFor } from '../wait-for.ts';
import { type Change, compositeOf, conditionOf, type LiveObject, resourceName } from './live-object.ts';
import { type Platform, xr } from './platform.ts';
import { composed } from './readiness.ts';

/** What status.failover says, as the XRD describes it. */
interface FailoverStatus {
  readonly phase: string;
  readonly from?: string;
  readonly to?: string;
  readonly since?: string;
  readonly message: string;
  readonly call?: string;
  readonly history?: readonly { readonly secondsToWritable?: number; readonly secondsToProtected?: number }[];
}

interface StatusServer {
  readonly name: string;
  readonly region: string;
  readonly role: string;
  readonly generation: number;
  readonly id?: string;
}

const ours = (object: LiveObject | undefined): { failover?: FailoverStatus; servers?: readonly StatusServer[] } =>
  (object?.status ?? {}) as { failover?: FailoverStatus; servers?: readonly StatusServer[] }; // by the XRD

export const failoverOf = ({ observer }: Platform, composite: string): FailoverStatus | undefined =>
  ours(xr(observer, composite)).failover;

export const serversOf = ({ observer }: Platform, composite: string): readonly StatusServer[] =>
  ours(xr(observer, composite)).servers ?? [];

/** `<region> <generation> <role>`, in the order of the status. */
export const rolesOf = (platform: Platform, composite: string): string[] =>
  serversOf(platform, composite).map(({ region, generation, role }) => `${region} ${generation} ${role}`);

/** Waits until status.failover satisfies; what it says instead is in the error. */
export const untilFailover = (
  platform: Platform,
  composite: string,
  what: string,
  holds: (status: FailoverStatus) => boolean,
): Promise<FailoverStatus> =>
  waitFor(
    `${composite}: ${what}`,
    () => {
      const status = failoverOf(platform, composite);
      if (status && holds(status)) return status;
      const conditions = ['Ready', 'Synced', 'FailoverReady'].map((type) => {
        const found = conditionOf(xr(platform.observer, composite), type);
        return `${type}=${found?.status} ${found?.reason}: ${found?.message}`;
      });
      throw new Error([JSON.stringify(status), ...conditions].join('; '));
    },
    { deadlineMs: 300_000 },
  );

/** Each value that a watch told of, once for as long as it lasted. */
function sequence<T>(changes: readonly Change[], composite: string, value: (object: LiveObject) => T | undefined): T[] {
  const seen: T[] = [];
  for (const { what, object } of changes) {
    if (what !== 'stored' || object.kind !== 'XPostgreSQLDatabase' || object.metadata.name !== composite) continue;
    const now = value(object);
    if (now !== undefined && now !== seen.at(-1)) seen.push(now);
  }
  return seen;
}

export const phases = (changes: readonly Change[], composite: string): string[] =>
  sequence(changes, composite, (object) => ours(object).failover?.phase);

export const statuses = (changes: readonly Change[], composite: string, type: string): string[] =>
  sequence(changes, composite, (object) => conditionOf(object, type)?.status);

/** Phases that said since when they last. One that ends at once does not: the time is of the condition that core stored before. */
export const datedPhases = (changes: readonly Change[], composite: string): Set<string> =>
  new Set(sequence(changes, composite, (object) => ours(object).failover?.since && ours(object).failover?.phase));

/** What of an XR was deleted, or told to go, by its key in the Composition. */
export const deletedKeys = (changes: readonly Change[], composite: string): string[] => [
  ...new Set(
    changes
      .filter(({ object }) => compositeOf(object) === composite)
      .filter(({ what, object }) => what === 'deleted' || object.metadata.deletionTimestamp !== undefined)
      .map(({ object }) => resourceName(object)),
  ),
];

/** Hosts that the connection Secret has had. */
export const hosts = (changes: readonly Change[], secret: string): string[] => [
  ...new Set(
    changes
      .filter(({ object }) => object.kind === 'Secret' && object.metadata.name === secret)
      .map(({ object }) => Buffer.from(object.data?.host ?? '', 'base64').toString()),
  ),
];

/** The target of the write name, as the provider reports it. */
export function writeTargetOf(platform: Platform, composite: string): string | undefined {
  const record = composed(platform, composite).find((each) => resourceName(each) === 'cname-write');
  const { atProvider } = (record?.status ?? {}) as { atProvider?: { record?: string } }; // by the provider's CRD
  return atProvider?.record;
}

/** Whether the simulated Azure itself keeps clients off a server: the value of the parameter, and the access of the rule. */
export function fenceInAzure({ azure, observer }: Platform, composite: string, key: string): string[] {
  const objects = [...observer.objects.values()].filter((each) => compositeOf(each) === composite);
  const name = objects.find((each) => resourceName(each) === key)?.metadata.annotations?.[
    'crossplane.io/external-name'
  ];
  const resources = Object.values(azure.state.resources);
  const server = resources.find(({ id }) => id.endsWith(`/flexibleServers/${name}`));
  const group = server?.id.split('/providers/')[0] ?? '?';
  const parameter = (server?.hidden.parameters ?? {}) as Record<string, string>;
  const rule = resources.find(({ id }) => id.startsWith(group) && id.endsWith(`/securityRules/${key}-fence`));
  return [String(parameter.default_transaction_read_only), String(rule?.properties.access)];
}
