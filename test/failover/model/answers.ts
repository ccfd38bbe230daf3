import { createHash } from 'node:crypto';
import { runFunction } from '../../../src/function.ts';
import { identity } from '../../azure/hash-consing.ts';
import { type KubernetesObject, keyOf, type Manifest, type ObjectRef, type Simulation } from '../../azure/state.ts';
import { type Json, type Observed, request, resource, xr } from '../../support/requests.ts';

/** What the function answered, as Crossplane core would go on with it. */
export interface Answer {
  readonly conditions: readonly Json[];
  readonly refusal?: string;
  /** Whether the XR is Ready: applications can write. */
  readonly ready: boolean;
  /** Keys of what was observed. */
  readonly observed: readonly string[];
  /** What is desired, as core applies it. An equal manifest is the same object. */
  readonly desired: Readonly<Record<string, Manifest>>;
  readonly status: Json;
}

interface Question {
  readonly sim: Simulation;
  readonly spec: Json;
  readonly status: Json;
  readonly refs: Readonly<Record<string, ObjectRef>>;
  /** What core references. */
  readonly applied: Readonly<Record<string, Manifest>>;
}

export const OWNER = {
  apiVersion: 'database.platform.io/v1alpha1',
  kind: 'XPostgreSQLDatabase',
  name: 'orders',
  uid: 'uid-orders',
  controller: true,
  blockOwnerDeletion: true,
};

const CONDITION_STATUS = ['', 'Unknown', 'True', 'False'];

const answers = new Map<string, Answer>();
/** So many answers are kept; most questions come again soon or never. */
const KEPT = 20_000;

/**
 * Asks the function, once for all worlds that look the same to it. It is a function of the XR and of what it observes: objects, and the
 * Secrets that they publish.
 */
export function answerTo({ sim, spec, status, refs, applied }: Question): Answer {
  const keys = Object.keys(applied).filter((key) => refs[key] && stored(sim, refs[key]));
  const parts = keys.map((key) => {
    const object = refs[key] && stored(sim, refs[key]);
    const secret = object && secretOf(sim, object.object);
    return `${key}=${object ? identity(object) : ''},${secret ? identity(secret) : ''}`;
  });
  const question = createHash('sha1')
    .update([identity(spec), identity(status), ...parts].join('\n'))
    .digest('base64');
  const known = answers.get(question);
  if (known) return known;
  const made = ask(sim, { ...xr('namespaced', spec), status }, refs, keys);
  if (answers.size >= KEPT) answers.clear();
  answers.set(question, made);
  return made;
}

/** For a test that has changed the function. */
export const forgetAnswers = (): void => answers.clear();

const stored = (sim: Simulation, ref: ObjectRef) => sim.objects[keyOf(ref)];

function secretOf(sim: Simulation, object: KubernetesObject) {
  const to = (object.spec as { writeConnectionSecretToRef?: { name: string } } | undefined)?.writeConnectionSecretToRef;
  return to && stored(sim, { apiVersion: 'v1', kind: 'Secret', name: to.name, namespace: 'team-a' });
}

function ask(sim: Simulation, composite: Json, refs: Question['refs'], keys: readonly string[]): Answer {
  const observed: Observed = {};
  for (const key of keys) {
    const object = refs[key] && stored(sim, refs[key])?.object;
    if (object) observed[key] = resource(object, decoded(secretOf(sim, object)?.object.data));
  }
  const response = runFunction(request(composite, { observed }));
  const conditions = response.conditions.map(({ type, status, reason, message }) => ({
    type,
    status: CONDITION_STATUS[status],
    reason,
    message,
  }));
  const fatal = response.results.find(({ severity }) => severity === 1);
  if (fatal) {
    const status = { ...(composite.status as Json), conditions };
    return { conditions, refusal: fatal.message, ready: false, observed: keys, desired: {}, status };
  }
  const desired = Object.fromEntries(
    Object.entries(response.desired?.resources ?? {}).map(([key, value]) => [
      key,
      manifest(key, value.resource as Json),
    ]),
  );
  const { status } = response.desired?.composite?.resource as { status: Json };
  const ready = response.desired?.composite?.ready === 1;
  return { conditions, ready, observed: keys, desired, status: { ...status, conditions } };
}

const decoded = (data: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));

const manifests = new Map<string, Manifest>();

/** What core adds to a desired resource. */
function manifest(key: string, desired: Json): Manifest {
  const text = `${key} ${JSON.stringify(desired)}`;
  const known = manifests.get(text);
  if (known) return known;
  const metadata = desired.metadata as Json & { labels?: object; annotations?: object };
  const made = {
    ...desired,
    metadata: {
      ...metadata,
      namespace: 'team-a',
      labels: { ...metadata.labels, 'crossplane.io/composite': 'orders' },
      annotations: { ...metadata.annotations, 'crossplane.io/composition-resource-name': key },
      ownerReferences: [OWNER],
    },
  } as unknown as Manifest; // checked against the CRDs when it is applied
  manifests.set(text, made);
  return made;
}
