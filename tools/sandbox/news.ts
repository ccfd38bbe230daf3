import type { SentRequest } from '../../test/azure/state.ts';
import { type Change, compositeOf, keyOf, type LiveCondition } from '../../test/crossplane/platform/live-object.ts';

/** A request to the simulated Azure in one line. */
export const requestNews = ({ method, id, outcome }: SentRequest): string =>
  `Azure ${method} ${id.split('/').slice(-2).join('/')}: ${outcome.ok ? 'accepted' : `${outcome.code}: ${outcome.message}`}`;

/** Tells what a change of a database, a claim or a composed object means to a person; remembers what it told. */
export function createTeller(): (change: Change) => string[] {
  const conditions = new Map<string, readonly LiveCondition[]>();
  return ({ what, object }) => {
    const database = /PostgreSQLDatabase$/.test(object.kind);
    if (!database && compositeOf(object) === undefined) return [];
    const key = keyOf(object);
    const { name } = object.metadata;
    if (what === 'deleted') {
      conditions.delete(key);
      return [`${object.kind} ${name} is gone`];
    }
    const known = conditions.get(key);
    const now = object.status?.conditions ?? [];
    conditions.set(key, now);
    const created = known === undefined ? [`${object.kind} ${name} is created`] : [];
    if (!database) return created;
    return [
      ...created,
      ...now
        .filter(({ type, status, message }) => {
          const before = known?.find((each) => each.type === type);
          return before?.status !== status || before.message !== message;
        })
        .map(
          ({ type, status, reason, message = '' }) =>
            `${object.kind} ${name}: ${type}=${status} ${reason}${message === '' ? '' : `: ${message}`}`,
        ),
    ];
  };
}
