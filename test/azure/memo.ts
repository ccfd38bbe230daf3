import { found, type Read, recording, rewritten, type Write } from './recording.ts';
import type { ObjectKey, SentRequest, Simulation, StoredObject } from './state.ts';

/**
 * A reconcile of an object is a function of what it reads, so the same one is done once. What was read before decides what is read next:
 * all reconciles of an object make a tree of reads with the outcomes at its leaves.
 */
interface Look {
  readonly of: Read['of'];
  readonly key: Read['key'];
  readonly next: Map<unknown, Look | Outcome>;
}

interface Outcome {
  /** When it was. An outcome that changes something has this time in it; one that changes nothing holds at any time. */
  readonly now: number;
  readonly writes: readonly Write[];
  readonly faults: Simulation['faults'];
  readonly sent: readonly SentRequest[];
}

interface Tree {
  readonly faults: Simulation['faults'];
  readonly outages: Simulation['outages'];
  readonly options: Simulation['options'];
  first?: Look | Outcome;
}

const isLook = (node: Look | Outcome): node is Look => 'next' in node;

const trees = new WeakMap<StoredObject, Tree[]>();
/** Of so many kinds of misfortune at once per object. An object that lives long would gather them for ever. */
const REMEMBERED = 12;

function treeOf(stored: StoredObject, { faults, outages, options }: Simulation): Tree {
  const known = trees.get(stored) ?? [];
  const same = known.find((each) => each.faults === faults && each.outages === outages && each.options === options);
  if (same) return same;
  const made = { faults, outages, options };
  trees.set(stored, [made, ...known.slice(0, REMEMBERED - 1)]);
  return made;
}

function recall(tree: Tree, state: Simulation): Outcome | undefined {
  let node = tree.first;
  while (node !== undefined && isLook(node)) node = node.next.get(found(state, node.of, node.key));
  return node === undefined || (node.writes.length > 0 && node.now !== state.now) ? undefined : node;
}

/** How many outcomes one look may lead to before it is forgotten. */
const BRANCHES = 256;

function remember(tree: Tree, reads: readonly Read[], outcome: Outcome): void {
  let put = (node: Look | Outcome): void => {
    tree.first = node;
  };
  let at = tree.first;
  for (const { of, key, found: value } of reads) {
    let look = at !== undefined && isLook(at) && at.of === of && at.key === key ? at : undefined;
    if (!look || look.next.size > BRANCHES) {
      look = { of, key, next: new Map() };
      put(look);
    }
    const branches = look.next;
    put = (node) => branches.set(value, node);
    at = branches.get(value);
  }
  put(outcome);
}

/** Does what `reconcile` would do to an object, from memory where it was done before. `share` makes equal parts one object. */
export function memoised(
  state: Simulation,
  key: ObjectKey,
  reconcile: (state: Simulation) => Simulation,
  share: <T extends object>(part: T) => T = (part) => part,
): Simulation {
  const stored = state.objects[key];
  if (!stored) return reconcile(state);
  const tree = treeOf(stored, state);
  const known = recall(tree, state);
  if (known) return outcomeOf(state, known);
  const { state: recorded, reads, outcome } = recording(state);
  const { next, writes } = outcome(reconcile(recorded));
  const shared = writes.map((write) =>
    typeof write.value === 'object' && write.value !== null ? { ...write, value: share(write.value) } : write,
  );
  const made = { now: state.now, writes: shared, faults: next.faults, sent: next.sent };
  remember(tree, reads, made);
  return outcomeOf(state, made);
}

const outcomeOf = (state: Simulation, { writes, faults, sent }: Outcome): Simulation =>
  writes.length === 0 && faults === state.faults && sent.length === 0
    ? state
    : { ...rewritten(state, writes), faults, sent };
