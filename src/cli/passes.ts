import { problemLine } from '../api/problem.ts';
import { type Answer, answer } from '../function.ts';
import { labels, MANAGED_BY } from '../names.ts';
import { type Rendered, rendered } from './documents.ts';
import type { KubernetesObject } from './load.ts';
import { connectionSecrets, ready } from './made-up.ts';
import { Refused } from './refused.ts';
import { request, type World } from './request.ts';

/** One call of the function and what it made. */
export interface Pass {
  readonly answer: Answer;
  readonly rendered: Rendered;
  readonly world: World;
  /** Composition-resource names that no pass before had, in the order of the plan. */
  readonly creates: readonly string[];
}

/** Calls the function once. Throws Refused with its problems. */
export function pass(world: World): Pass {
  const given = answer(request(world));
  if (!given.decision) throw new Refused(given.problems.map(problemLine));
  const creates = given.decision.admission.desired.map(({ key }) => key).filter((key) => !world.resources.has(key));
  return { answer: given, rendered: rendered(world.composite, given.response), world, creates };
}

// Twice what the longest chain of resources needs, and one for each of many parameters, which change one after another.
const MOST = 100;
// run_function.proto, Ready.
const READY_TRUE = 1;

/**
 * The passes that a control plane takes when each resource becomes ready after the pass that creates it, up to the one after which nothing
 * moves any more. Throws Refused when the XR does not become ready.
 */
export function passesUntilReady(world: World): readonly Pass[] {
  const passes: Pass[] = [];
  let now = pass(world);
  while (passes.length < MOST) {
    passes.push(now);
    const then = pass(after(now));
    const settled = JSON.stringify(then.rendered) === JSON.stringify(now.rendered);
    if (settled && then.answer.response.desired?.composite?.ready === READY_TRUE) return passes;
    if (settled) break;
    now = then;
  }
  const waiting = now.answer.decision?.admission.waiting.map(({ resource }) => resource.key) ?? [];
  throw new Refused([
    `spec: is not ready after ${passes.length} passes; still missing: ${waiting.join(', ') || 'nothing, but the XR is not ready'}`,
  ]);
}

/** What there is once everything that `made` desired works: desired resources are ready, others that exist stay as they were. */
export function after({ rendered: { xr, resources }, world }: Pass): World {
  const all = resources.map(([, object]) => object);
  const written = all.flatMap(connectionSecrets);
  const isWritten = ({ metadata }: KubernetesObject): boolean =>
    world.secrets.some(
      (known) => known.metadata.name === metadata.name && known.metadata.namespace === metadata.namespace,
    );
  return {
    ...world,
    composite: { ...world.composite, xr: { ...world.composite.xr, status: xr.status } },
    resources: new Map([
      ...[...world.resources].filter(([, object]) => !isOurs(object)),
      ...resources.map(([key, object]) => [key, observed(object, world.resources.get(key), all)] as const),
    ]),
    secrets: [...world.secrets, ...written.filter((secret) => !isWritten(secret))],
  };
}

/** Whether this function composed an observed resource; other functions of the pipeline may have composed others. */
export const isOurs = ({ metadata }: KubernetesObject): boolean => metadata.labels?.[labels.managedBy] === MANAGED_BY;

/** A Secret that has been filled stays filled: nobody desires the generated password. */
function observed(
  desired: KubernetesObject,
  before: KubernetesObject | undefined,
  all: readonly KubernetesObject[],
): KubernetesObject {
  const filled = desired.kind === 'Secret' && desired.data === undefined && before?.data !== undefined;
  return filled ? { ...desired, data: before.data } : ready(desired, all);
}
