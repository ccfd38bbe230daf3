import { deletedWrongly, endsWrongly } from './ends.ts';
import { atRest, broken, wrong } from './properties.ts';
import { happenings } from './story.ts';
import { calm, type Reconciled, reconcile, type World, worldKey } from './world.ts';

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  /** Whether every reachable state was seen. */
  readonly complete: boolean;
  /** The shortest story to the first thing that is wrong. */
  readonly violation?: { readonly what: string; readonly story: readonly string[] };
  /** States from which no story without further misfortune comes to rest: the shortest one. */
  readonly stuck?: readonly string[];
}

/** In one state of so many the XR is deleted, and everything has to go: each costs as much as many steps. */
const DELETED_EVERY = 20;

/** In one state of so many nothing goes wrong any more, and the story has to end well. */
const ENDED_EVERY = 20;

/** What must hold whenever the function has answered: a sentence for each thing that does not. */
export type Property = (before: World, answered: Reconciled) => readonly string[];

interface Node {
  readonly parent: number;
  readonly tells: string;
  rest: boolean;
  /** States that lead here by themselves. */
  readonly from: number[];
}

/** Explores every interleaving, breadth first, so that the first violation is a shortest one. */
export function explore(starts: readonly World[], most: number, also: Property = () => []): Exploration {
  const ids = new Map<string, number>();
  const nodes: Node[] = [];
  let frontier: { readonly id: number; readonly world: World }[] = [];
  let transitions = 0;
  let complete = true;
  const story = (id: number): string[] => {
    const steps: string[] = [];
    for (let at = id; at >= 0; at = nodes[at]?.parent ?? -1) steps.unshift(nodes[at]?.tells ?? '');
    return steps.slice(1);
  };
  const enter = (world: World, parent: number, tells: string, byItself: boolean): void => {
    transitions++;
    const key = worldKey(world);
    const known = ids.get(key);
    if (known !== undefined) {
      if (byItself) nodes[known]?.from.push(parent);
      return;
    }
    const id = nodes.length;
    ids.set(key, id);
    nodes.push({ parent, tells, rest: atRest(world), from: byItself && parent >= 0 ? [parent] : [] });
    frontier.push({ id, world });
  };
  for (const start of starts) enter(start, -1, '', false);
  while (frontier.length > 0 && complete) {
    const layer = frontier;
    frontier = [];
    for (const { id, world } of layer) {
      if (nodes.length >= most) {
        complete = false;
        break;
      }
      const fail = (what: string, tells: string): Exploration => ({
        states: nodes.length,
        transitions,
        complete: false,
        violation: { what, story: [...story(id), tells] },
      });
      const answered = reconcile(world);
      const [untrue] = [...broken(world, answered), ...also(world, answered)];
      if (untrue !== undefined) return fail(untrue, 'the function is called');
      const { world: next, sent } = calm(answered.world);
      // What is sent now follows what has just been said.
      const [refused] = wrong({ ...world, status: answered.world.status }, sent);
      if (refused !== undefined) return fail(refused, 'the function is called');
      enter(next, id, 'the function is called', true);
      if (id % DELETED_EVERY === 0) {
        const [lacking] = deletedWrongly(world);
        if (lacking !== undefined) return fail(lacking, 'the XR is deleted');
      }
      if (id % ENDED_EVERY === ENDED_EVERY / 2) {
        const [unended] = endsWrongly(world);
        if (unended !== undefined) return fail(unended, 'nothing goes wrong any more');
      }
      for (const { tells, byItself, to } of happenings(world)) {
        const { world: next, sent } = calm(to());
        const [refused] = wrong(world, sent);
        if (refused !== undefined) return fail(refused, tells);
        enter(next, id, tells, byItself);
      }
    }
  }
  return { states: nodes.length, transitions, complete, stuck: complete ? stuck(nodes, story) : undefined };
}

/** Goes backwards from the states in which a story may end. */
function stuck(nodes: readonly Node[], story: (id: number) => string[]): readonly string[] | undefined {
  const todo = nodes.flatMap(({ rest }, id) => (rest ? [id] : []));
  const reaches = new Set(todo);
  for (let id = todo.pop(); id !== undefined; id = todo.pop())
    for (const before of nodes[id]?.from ?? [])
      if (!reaches.has(before)) {
        reaches.add(before);
        todo.push(before);
      }
  const lost = nodes.findIndex((_, id) => !reaches.has(id));
  return lost < 0 ? undefined : story(lost);
}
