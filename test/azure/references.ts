import { isEmpty, isObject, type JsonObject, objectOf, textOf } from './json.ts';
import type { KindDefinition, Reference } from './kind.ts';
import { apiVersionOf, isNamespaced, kinds } from './kinds.ts';
import { find, list } from './objects.ts';
import { groupOf, type KubernetesObject, type Simulation } from './state.ts';

/** crossplane-runtime pkg/reference: APIResolver.Resolve, for both blocks of the spec. */
export interface Resolution {
  readonly spec: JsonObject;
  readonly error?: string;
}

const externalName = (object: KubernetesObject): string =>
  object.metadata.annotations?.['crossplane.io/external-name'] ?? '';

const extract = (reference: Reference, target: KubernetesObject): string =>
  reference.by === 'name' ? externalName(target) : textOf(objectOf(objectOf(target.status).atProvider).id);

const controllerOf = (object: KubernetesObject): string | undefined =>
  object.metadata.ownerReferences?.find((owner) => owner.controller === true)?.uid;

function select(
  state: Simulation,
  from: KubernetesObject,
  group: string,
  reference: Reference,
  selector: JsonObject,
): KubernetesObject | undefined {
  const namespace = isNamespaced(from.apiVersion) ? textOf(selector.namespace) || from.metadata.namespace : undefined;
  const labels = Object.entries(objectOf(selector.matchLabels));
  return list(state, reference.kind, group, namespace).find(
    (each) =>
      labels.every(([key, value]) => each.metadata.labels?.[key] === value) &&
      (selector.matchControllerRef !== true ||
        (controllerOf(each) !== undefined && controllerOf(each) === controllerOf(from))),
  );
}

/** One field of one block: the block with the value and the reference filled in, or why not. */
function resolveField(
  state: Simulation,
  from: KubernetesObject,
  block: JsonObject,
  reference: Reference,
): JsonObject | string {
  const { field } = reference;
  const ref = objectOf(block[`${field}Ref`]);
  const selector = block[`${field}Selector`];
  if (isEmpty(ref.name) && !isObject(selector)) return block;
  const policy = objectOf(ref.policy ?? objectOf(selector).policy);
  if (!isEmpty(block[field]) && policy.resolve !== 'Always') return block;
  const definition = kinds.find((each) => each.kind === reference.kind && each.service === reference.service);
  if (!definition) return `no kind ${reference.kind}`;
  const apiVersion = apiVersionOf(definition, isNamespaced(from.apiVersion));
  const optional = policy.resolution === 'Optional';
  let target: KubernetesObject | undefined;
  if (!isEmpty(ref.name)) {
    const namespace = textOf(ref.namespace) || from.metadata.namespace;
    target = find(state, {
      apiVersion,
      kind: reference.kind,
      name: textOf(ref.name),
      ...(namespace === undefined ? {} : { namespace }),
    });
    if (!target)
      return optional
        ? block
        : `cannot get referenced resource: ${reference.kind}.${groupOf(apiVersion)} "${textOf(ref.name)}" not found`;
  } else {
    target = select(state, from, groupOf(apiVersion), reference, objectOf(selector));
    if (!target) return optional ? block : 'no resources matched selector';
  }
  const value = extract(reference, target);
  if (value === '') return optional ? block : 'referenced field was empty (referenced resource may not yet be ready)';
  const resolved = isEmpty(ref.name) ? { [`${field}Ref`]: { name: target.metadata.name } } : {};
  return { ...block, [field]: value, ...resolved };
}

/** Resolves every reference of a managed resource. The first failure ends it, as the provider does. */
export function resolveReferences(state: Simulation, object: KubernetesObject, definition: KindDefinition): Resolution {
  let spec = objectOf(object.spec);
  for (const reference of definition.references) {
    for (const blockName of ['forProvider', 'initProvider'] as const) {
      if (!isObject(spec[blockName])) continue;
      const block = objectOf(spec[blockName]);
      const resolved = resolveField(state, object, block, reference);
      if (typeof resolved === 'string') {
        const title = `${reference.field.charAt(0).toUpperCase()}${reference.field.slice(1)}`;
        const where = `mg.Spec.${blockName === 'forProvider' ? 'ForProvider' : 'InitProvider'}.${title}`;
        return { spec: objectOf(object.spec), error: `cannot resolve references: ${where}: ${resolved}` };
      }
      if (resolved !== block) spec = { ...spec, [blockName]: resolved };
    }
  }
  return { spec };
}
