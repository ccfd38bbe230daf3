import type { FieldMask } from '../wire/pick.ts';
import { list, object, text } from './json.ts';
import type { ObservedJob } from './observed.ts';

const METADATA = { name: true, namespace: true } as const;
const SPEC = { template: true } as const;
const STATUS = { conditions: [{ type: 'word', status: 'word', message: true }] } as const;

/** What is read of a Job, and of the Object through which provider-kubernetes keeps one. */
export const JOB_MASK: FieldMask = {
  kind: 'word',
  metadata: METADATA,
  spec: { ...SPEC, forProvider: { manifest: { kind: 'word', metadata: METADATA, spec: SPEC } } },
  status: { ...STATUS, atProvider: { manifest: { status: STATUS } } },
};

type Json = Readonly<Record<string, unknown>>;

/** The Job in `body`; undefined for an Object that keeps something else. */
export function jobOf(body: Json): ObservedJob | undefined {
  if (body.kind === 'Job') return job(body, object(body.status));
  const { manifest } = object(object(body.spec).forProvider);
  const { status } = object(object(object(body.status).atProvider).manifest);
  return object(manifest).kind === 'Job' ? job(object(manifest), object(status)) : undefined;
}

/** Kubernetes, batch/v1: a Job has ended once condition Complete or Failed is True, and then never runs again. */
function job({ metadata, spec }: Json, status: Json): ObservedJob {
  const { name, namespace } = object(metadata);
  const end = list(status.conditions)
    .map(object)
    .find(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True');
  const { template } = object(spec);
  return {
    name: `${text(namespace)}/${text(name)}`,
    ended: end && (end.type === 'Complete' ? 'Complete' : 'Failed'),
    message: text(end?.message) || 'no reason is given',
    template: template === undefined ? undefined : withoutNull(object(template)),
  };
}

/** An API server writes `creationTimestamp: null` into templates, which would be refused as a value. */
function withoutNull(template: Json): Json {
  const metadata = Object.entries(object(template.metadata)).filter(([, value]) => value !== null);
  return metadata.length === 0
    ? { spec: template.spec }
    : { metadata: Object.fromEntries(metadata), spec: template.spec };
}
