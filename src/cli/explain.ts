import { styleText } from 'node:util';
import type { Composed } from '../azure/managed.ts';
import type { Standby } from '../failover/standby.ts';
import { isOurs, type Pass } from './passes.ts';

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

/** The caller has looked at the terminal; styleText would look at process.stdout by itself. */
const painter = (colour: boolean): Paint =>
  colour ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;

/** The plan of one pass for a person. Holds no secret: none is part of a plan. */
export function explain(only: Pass, colour: boolean): string {
  const paint = painter(colour);
  return `${summary(only, paint)}\n${table(only, paint)}`;
}

/** The passes one after another, then the plan that they end with. */
export function explainPasses(passes: readonly Pass[], colour: boolean): string {
  const paint = painter(colour);
  const last = passes.at(-1);
  if (!last) return '';
  const lines = passes.flatMap(({ creates, answer }, index) => {
    const what = answer.decision?.wanted.filter(({ key }) => creates.includes(key)) ?? [];
    if (what.length === 0) return [];
    const rows = what.map((resource) => ['', resource.key, kind(resource), resource.why]);
    return [paint('bold', `Pass ${index + 1}`), ...aligned(rows)];
  });
  return `${summary(last, paint)}\n${lines.join('\n')}\n`;
}

function summary({ world, answer: { decision } }: Pass, paint: Paint): string {
  if (!decision) return '';
  const { plan } = decision;
  const { kind, metadata } = world.composite.xr;
  const object = [kind, [metadata.namespace, metadata.name].filter((part) => part !== undefined).join('/')].join(' ');
  const { write, read } = plan.endpoints;
  const rows = [
    ['Resource group', plan.resourceGroup.name, plan.resourceGroup.location],
    ['DNS zone', plan.dnsZone],
    ...plan.servers.map(({ role, name, region, zones, size, storageMb }) => [
      role,
      name,
      `${region}${zones.zone === undefined ? '' : `, zone ${zones.zone}`}, ${size}, ${storageMb / 1024} GiB${standby(zones.initial ?? zones.enforced)}`,
    ]),
    ['Write', write.host, `points at ${write.target}`],
    ['Read', read.host, `points at ${read.target}`],
    ...(plan.backup
      ? [
          [
            'Backup storage',
            plan.backup.accountName,
            `${plan.backup.replication}, container ${plan.backup.containerName}`,
          ],
        ]
      : []),
  ];
  return [paint('bold', object), ...aligned(rows), ''].join('\n');
}

const standby = (ha: Standby | undefined): string =>
  ha ? `, standby ${ha.mode}${ha.standbyAvailabilityZone ? ` in zone ${ha.standbyAvailabilityZone}` : ''}` : '';

function table(only: Pass, paint: Paint): string {
  const { world, answer } = only;
  if (!answer.decision) return '';
  const { wanted, admission } = answer.decision;
  const waiting = new Map(admission.waiting.map((entry) => [entry.resource.key, entry.for]));
  const state = ({ key }: Composed): string => {
    if (world.resources.has(key)) return 'exists';
    const missing = waiting.get(key);
    return missing ? `waits for ${few(missing)}` : 'created now';
  };
  const rows = [
    ...wanted.map((resource) => [
      resource.key,
      kind(resource),
      azureName(resource, world),
      state(resource),
      resource.why,
    ]),
    ...leaving(only),
  ];
  const [head = '', ...body] = aligned([['KEY', 'KIND', 'AZURE NAME', 'STATE', 'WHY'], ...rows]);
  const styles: Readonly<Record<string, Style>> = { exists: 'green', created: 'cyan', waits: 'yellow', removed: 'red' };
  const painted = body.map((line, index) => paint(styles[rows[index]?.[3]?.split(' ')[0] ?? ''] ?? 'reset', line));
  return `${[paint('bold', head), ...painted].join('\n')}\n`;
}

/** What exists and is desired no more: Crossplane deletes it. */
function leaving({ world, rendered }: Pass): string[][] {
  const kept = new Set(rendered.resources.map(([key]) => key));
  return [...world.resources]
    .filter(([key, object]) => isOurs(object) && !kept.has(key))
    .map(([key, { kind, metadata }]) => [
      key,
      kind,
      metadata.annotations?.['crossplane.io/external-name'] ?? '-',
      'removed',
      'no longer asked for',
    ]);
}

/** Keeps the table narrow: a server waits for up to seven. */
const few = (keys: readonly string[]): string =>
  keys.length <= 3 ? keys.join(', ') : `${keys.slice(0, 2).join(', ')} and ${keys.length - 2} more`;

const kind = (resource: Composed): string => {
  if ('azure' in resource) return resource.azure.kind;
  if ('of' in resource) return 'Usage';
  return resource.via === 'Object' ? `${resource.manifest.kind} (Object)` : resource.manifest.kind;
};

const azureName = (resource: Composed, { resources }: Pass['world']): string =>
  ('azure' in resource &&
    (resources.get(resource.key)?.metadata.annotations?.['crossplane.io/external-name'] ?? resource.externalName)) ||
  '-';

/** Columns two spaces apart, nothing behind the last one. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>((most, row) => {
    row.forEach((cell, column) => {
      most[column] = Math.max(most[column] ?? 0, cell.length);
    });
    return most;
  }, []);
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
