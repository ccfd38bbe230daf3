import type { Simulation } from './state.ts';

/** Which parts of a state a reconcile read, in which order, and which it wrote. */

const RECORDS = ['objects', 'memory', 'resources', 'operations', 'incarnations'] as const;
type RecordName = (typeof RECORDS)[number];
type Entries = { readonly [key: string]: unknown };

/** An entry of a record, or the whole record where its keys were asked for. */
export interface Read {
  readonly of: RecordName;
  readonly key?: string;
  readonly found: unknown;
}

export interface Write {
  readonly of: RecordName;
  readonly key: string;
  /** Undefined: the entry is gone. */
  readonly value: unknown;
}

export interface Recording {
  readonly state: Simulation;
  readonly reads: readonly Read[];
  /** What the state that came out differs in from the one that went in, with the plain state that came out. */
  readonly outcome: (next: Simulation) => { readonly next: Simulation; readonly writes: readonly Write[] };
}

interface Layer {
  readonly plain: Entries;
  readonly written: ReadonlySet<string>;
  readonly with: (key: string, value: unknown) => Entries;
}

const layers = new WeakMap<object, Layer>();

const replaced = (record: Entries, key: string, value: unknown): Entries => {
  if (value !== undefined) return { ...record, [key]: value };
  const { [key]: _, ...rest } = record;
  return rest;
};

/** A record with one entry set, or removed when `value` is undefined. Of a recorded record it is one that goes on recording. */
export function writeEntry(record: Entries, key: string, value: unknown): Entries {
  const layer = layers.get(record);
  return layer ? layer.with(key, value) : replaced(record, key, value);
}

/** A state that notes what is read of it. */
export function recording(state: Simulation): Recording {
  const reads: Read[] = [];
  const noted = new Set<string>();
  const note = (of: RecordName, key?: string): void => {
    const name = key === undefined ? of : `${of} ${key}`;
    if (noted.has(name)) return;
    noted.add(name);
    reads.push({ of, key, found: found(state, of, key) });
  };
  const watch = (of: RecordName, plain: Entries, written: ReadonlySet<string>): Entries => {
    const look = (key: string | symbol): void => {
      if (typeof key === 'string' && !written.has(key)) note(of, key);
    };
    const watched = new Proxy(plain, {
      get: (_, key) => {
        look(key);
        return Reflect.get(plain, key);
      },
      has: (_, key) => {
        look(key);
        return key in plain;
      },
      getOwnPropertyDescriptor: (_, key) => {
        look(key);
        return Reflect.getOwnPropertyDescriptor(plain, key);
      },
      ownKeys: () => {
        note(of);
        return Reflect.ownKeys(plain);
      },
    });
    layers.set(watched, {
      plain,
      written,
      with: (key, value) => watch(of, replaced(plain, key, value), new Set([...written, key])),
    });
    return watched;
  };
  const first = (of: RecordName) => watch(of, state[of], new Set());
  const watched = { ...state, ...Object.fromEntries(RECORDS.map((of) => [of, first(of)])) };
  return {
    state: watched,
    reads,
    outcome: (next) => {
      if (next === watched) return { next: state, writes: [] };
      const writes: Write[] = [];
      let plain = next;
      for (const of of RECORDS) {
        const layer = layers.get(next[of]);
        const after: Entries = layer?.plain ?? next[of];
        const keys = layer?.written ?? new Set([...Object.keys(state[of]), ...Object.keys(after)]);
        for (const key of keys) if (state[of][key] !== after[key]) writes.push({ of, key, value: after[key] });
        plain = { ...plain, [of]: after };
      }
      return { next: plain, writes };
    },
  };
}

/** What a state has where a read looked. */
export const found = (state: Simulation, of: RecordName, key: string | undefined): unknown =>
  key === undefined ? state[of] : state[of][key];

/** The state with entries set or removed. */
export function rewritten(state: Simulation, writes: readonly Write[]): Simulation {
  const records: { [of in RecordName]?: Record<string, unknown> } = {};
  for (const { of, key, value } of writes) {
    const record = records[of] ?? { ...state[of] };
    records[of] = record;
    if (value === undefined) delete record[key];
    else record[key] = value;
  }
  // Each value was taken out of the record of the same name.
  return { ...state, ...(records as Partial<Simulation>) };
}
