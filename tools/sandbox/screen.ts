import type { Simulation } from '../../test/azure/state.ts';
import {
  compositeOf,
  conditionOf,
  type LiveObject,
  OUR_CONDITIONS,
  resourceName,
} from '../../test/crossplane/platform/live-object.ts';

/** What one screen is made of. */
export interface View {
  readonly objects: readonly LiveObject[];
  readonly azure: Simulation;
  /** Newest last. */
  readonly news: readonly string[];
  readonly header: readonly string[];
  readonly footer: string;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

const MARKS = { True: '✔', False: '✘', Unknown: '?' } as const;

/** A condition in one letter: true, false, unknown, or not there yet. */
const mark = (object: LiveObject, type: string): string => {
  const status = conditionOf(object, type)?.status;
  return status === 'True' || status === 'False' || status === 'Unknown' ? MARKS[status] : '·';
};

/** Seconds of the clock on the wall, as minutes and seconds. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

const isDatabase = ({ kind }: LiveObject): boolean => kind === 'XPostgreSQLDatabase';

/** What a database still says that it is not; the message of its first condition that is not True. */
function complaint(database: LiveObject): string {
  const synced = conditionOf(database, 'Synced');
  if (synced?.status === 'False') return synced.message ?? '';
  if (database.metadata.deletionTimestamp !== undefined) return 'being deleted';
  const found = OUR_CONDITIONS.map((type) => conditionOf(database, type)).find((each) => each?.status !== 'True');
  return found ? `${found.type}: ${found.message ?? ''}` : '';
}

function databaseLines(database: LiveObject): string[] {
  const { name, namespace } = database.metadata;
  const marks = ['Ready', 'Synced', ...OUR_CONDITIONS].map((type) => `${mark(database, type)} ${type}`).join('  ');
  const says = complaint(database);
  return [`${namespace === undefined ? '' : `${namespace}/`}${name}   ${marks}`, ...(says === '' ? [] : [`  ${says}`])];
}

function resourceLine(object: LiveObject, azure: Simulation): string {
  const { deletionTimestamp, annotations = {} } = object.metadata;
  const provider = conditionOf(object, 'Synced') !== undefined;
  const operation = Object.values(azure.operations).find(
    ({ by }) => by?.startsWith(`${object.kind}.`) && by.endsWith(`/${object.metadata.name}`),
  );
  const working =
    operation === undefined
      ? ''
      : operation.queued
        ? `Azure: waits to ${operation.verb}`
        : `Azure: ${operation.verb}, ${operation.until === null ? 'never ends' : `${span(operation.until - azure.now)} left`}`;
  const name = annotations['crossplane.io/external-name'] ?? '';
  const state =
    deletionTimestamp === undefined ? working : ['being deleted', working].filter((part) => part !== '').join('; ');
  const marks = provider ? `${mark(object, 'Ready')}${mark(object, 'Synced')}` : '  ';
  // What happens comes before the name, which a narrow terminal may cut.
  const last = [state, name].filter((part) => part !== '').join('   ');
  return `  ${marks} ${resourceName(object).padEnd(27)} ${object.kind.padEnd(32)} ${last}`.trimEnd();
}

const shorten = (line: string, columns: number): string =>
  line.length > columns ? `${line.slice(0, columns - 1)}…` : line;

/** The lines of one screen, at most as many and as long as fit. What is left out is told. */
export function screen(view: View, { columns, rows }: Size): string[] {
  const databases = view.objects.filter(isDatabase);
  const body = databases.flatMap((database) => [
    ...databaseLines(database),
    ...view.objects
      .filter((each) => compositeOf(each) === database.metadata.name)
      .sort((a, b) => (resourceName(a) < resourceName(b) ? -1 : 1))
      .map((each) => resourceLine(each, view.azure)),
    '',
  ]);
  const servers = Object.values(view.azure.resources).filter(({ type }) => type.endsWith('/flexibleServers')).length;
  const azure = `Simulated Azure: ${Object.keys(view.azure.resources).length} resources, ${servers} of them servers; ${Object.keys(view.azure.operations).length} operations run`;
  const outages = [...view.azure.outages.regions, ...view.azure.outages.zones];
  const news = view.news.slice(-5);
  const fixed = [...view.header, '', azure + (outages.length > 0 ? `; out: ${outages.join(', ')}` : ''), ''];
  const room = rows - fixed.length - news.length - 2;
  const shown =
    body.length > room
      ? [...body.slice(0, Math.max(0, room - 1)), `  … and ${body.length - Math.max(0, room - 1)} more lines`]
      : body;
  const empty = databases.length === 0 ? ['No database yet.'] : shown;
  return [...fixed, ...empty, ...news, '', view.footer].slice(0, rows).map((line) => shorten(line, columns));
}
