/** What a CronJob takes as schedule, beyond its characters, which the schema checks: github.com/robfig/cron, ParseStandard, as Kubernetes has it. */
interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly words?: string;
}

const FIELDS: readonly Field[] = [
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day of the month', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12, words: 'jan feb mar apr may jun jul aug sep oct nov dec' },
  { name: 'day of the week', from: 0, to: 6, words: 'sun mon tue wed thu fri sat' },
];

/** The first part of a schedule that Kubernetes would refuse, for a person; undefined when it takes all of it. */
export function wrongSchedule(schedule: string): string | undefined {
  if (schedule.startsWith('@')) return undefined;
  const parts = schedule.split(' ');
  const wrong = FIELDS.find((field, index) => !(parts[index] ?? '').split(',').every((part) => fits(part, field)));
  return wrong && `the ${wrong.name} is from ${wrong.from} to ${wrong.to}`;
}

function fits(part: string, field: Field): boolean {
  const [range = '', step, ...more] = part.split('/');
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
  if (range === '*') return true;
  const [from, to, ...rest] = range.split('-').map((value) => numberOf(value, field));
  if (rest.length > 0 || from === undefined) return false;
  const last = range.includes('-') ? to : from;
  return last !== undefined && field.from <= from && from <= last && last <= field.to;
}

function numberOf(value: string, { from, words }: Field): number | undefined {
  const word = words?.split(' ').indexOf(value.toLowerCase()) ?? -1;
  if (word >= 0) return from + word;
  return /^\d+$/.test(value) ? Number(value) : undefined;
}
