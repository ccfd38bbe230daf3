import type { Json } from '../../support/requests.ts';

export type Failover = Readonly<Record<string, unknown>>;

/** A field that has its default is left out, so that going back is going back to the same state. */
const DEFAULTS: Failover = {
  activeRegion: 'primary',
  mode: 'Promote',
  option: 'Planned',
  cutover: 'Automatic',
  reprotect: 'Automatic',
  formerPrimary: 'Retain',
};

/** A spec that asks for something else of its failover. */
export const failover = (spec: Json, change: (now: Failover) => Failover): Json => {
  const now = { ...DEFAULTS, ...(spec.failover as Failover) };
  const next = Object.entries({ ...now, ...change(now) }).filter(([field, value]) => value !== DEFAULTS[field]);
  const { failover: _, ...rest } = spec;
  return next.length === 0 ? rest : { ...rest, failover: Object.fromEntries(next) };
};
