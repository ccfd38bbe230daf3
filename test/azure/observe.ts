import { lastSegment, parentId, resourceKey } from './arm-id.ts';
import { available, withConditions } from './conditions.ts';
import { readError } from './faults.ts';
import { equal, isEmpty, type JsonObject, merge, objectOf, omit, textOf } from './json.ts';
import type { Changes, KindDefinition } from './kind.ts';
import type { Policies } from './policies.ts';
import { remember } from './provider-memory.ts';
import { wishedPassword } from './provider-secrets.ts';
import { type AzureResource, type KubernetesObject, keyOf, type ObjectKey, refOf, type Simulation } from './state.ts';
import { subscriptionOf } from './subscription.ts';
import { type Configuration, configurationOf, differences, lateInitialise } from './terraform.ts';

export const EXTERNAL_NAME = 'crossplane.io/external-name';

/** Writes annotations; the object itself when it has them all. */
export const annotated = (
  object: KubernetesObject,
  annotations: { readonly [key: string]: string },
): KubernetesObject =>
  Object.entries(annotations).every(([key, value]) => object.metadata.annotations?.[key] === value)
    ? object
    : { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } } };

export interface Observation {
  readonly object: KubernetesObject;
  readonly resource?: AzureResource;
  readonly id?: string;
  readonly changes: Changes;
  readonly config: Configuration;
  readonly recorded: JsonObject;
  readonly password?: { readonly old: string; readonly new: string };
  readonly lateInitialised: boolean;
  readonly state: Simulation;
}

export type Observed = Observation | { readonly error: string; readonly state: Simulation } | 'panic';

/** The Terraform id under which the resource is looked for; assigned names come from the annotation or from this process. */
function terraformId(
  state: Simulation,
  object: KubernetesObject,
  definition: KindDefinition,
  config: JsonObject,
): string | undefined {
  if (definition.naming === 'assigned') {
    const name = object.metadata.annotations?.[EXTERNAL_NAME];
    return name ? (definition.imported?.(name) ?? name) : state.memory[keyOf(refOf(object))]?.id;
  }
  return definition.id(object.metadata.annotations?.[EXTERNAL_NAME] ?? '', config, subscriptionOf(state, object));
}

function locate(state: Simulation, definition: KindDefinition, id: string): AzureResource | undefined {
  for (const candidate of id.split('|')) {
    const resource = definition.implicit
      ? definition.implicit(state, candidate)
      : state.resources[resourceKey(candidate)];
    if (resource) return resource;
  }
  return undefined;
}

/** upjet Observe: refresh, diff, conditions, atProvider, late initialisation, external name. */
export function observe(
  before: Simulation,
  key: ObjectKey,
  original: KubernetesObject,
  definition: KindDefinition,
  policies: Policies,
): Observed {
  let state = before;
  const wished = wishedPassword(state, original);
  if (wished.error) return { error: `connect failed: ${wished.error}`, state };
  const config = configurationOf(objectOf(original.spec));
  const id = terraformId(state, original, definition, config.values);
  if (id === undefined && definition.naming === 'external-name') {
    return { error: 'connect failed: cannot get the Terraform id: a field of the id is not set', state };
  }
  const memory = state.memory[key] ?? {};
  const atProvider = objectOf(objectOf(original.status).atProvider);
  if (original.metadata.deletionTimestamp !== undefined && memory.deleted) {
    return { object: original, changes: {}, config, recorded: {}, lateInitialised: false, state };
  }
  const first = id?.split('|')[0];
  if (first !== undefined) {
    const down = readError(state, definition.kind, first, textOf(config.values.location));
    if (down) return { error: `observe failed: failed to observe the resource: ${down}`, state };
  }
  const resource = id === undefined ? undefined : locate(state, definition, id);
  if (!resource || id === undefined) {
    const fatal = policies.observeOnly ? undefined : definition.customizeDiff?.({}, config.values, {});
    if (fatal === 'panic') return 'panic';
    if (fatal) return { error: `observe failed: cannot compute the instance diff: ${fatal}`, state };
    return {
      object: original,
      changes: {},
      config,
      recorded: {},
      lateInitialised: false,
      state,
      ...(id === undefined ? {} : { id }),
    };
  }
  // The Terraform state: what ARM says, and where ARM says nothing what was last applied, or observed, or (imported) configured.
  const echoSource = memory.echo ?? (isEmpty(atProvider) ? config.values : atProvider);
  const read = definition.read?.(resource, id) ?? resource.properties;
  const echoed = Object.fromEntries(
    (definition.echoed ?? []).map((field) => [
      field,
      isEmpty(read[field]) ? (echoSource[field] ?? read[field]) : read[field],
    ]),
  );
  const recorded: JsonObject = { ...read, ...echoed };
  state = remember(state, key, {
    echo: definition.echoed
      ? Object.fromEntries(Object.entries(echoed).filter(([, value]) => !isEmpty(value)))
      : undefined,
    id,
  });
  // A process that has just begun takes the password of the spec for what it last applied (upjet, Connect: GetSensitiveParameters); one that
  // knows the server without a password has it to send.
  const applied = memory.password ?? (memory.echo === undefined ? wished.value : '');
  const password = wished.value === undefined ? undefined : { old: applied ?? '', new: wished.value };
  if (password) state = remember(state, key, { password: password.old });
  let changes: Changes = {};
  if (!policies.observeOnly) {
    changes = differences(definition, config, recorded);
    if (password && password.old !== password.new)
      changes = { ...changes, administratorPassword: { old: '', new: '' } };
    const moved = movedFrom(definition, config.values, id, resource);
    if (moved) changes = { ...changes, ...moved };
    const fatal = definition.customizeDiff?.(changes, withoutIgnored(config), recorded);
    if (fatal === 'panic') return 'panic';
    if (fatal) return { error: `observe failed: cannot compute the instance diff: ${fatal}`, state };
  }
  const computed = { ...definition.computed?.(resource, id), id };
  const identifiers = Object.fromEntries(
    definition.identifiers.map((field) => [field, config.values[field] ?? read[field]]),
  );
  const seen = { ...identifiers, ...recorded, ...computed };
  let object = withConditions(original, state.now, [available]);
  // SetObservation fills in and never clears (seen live).
  const kept = merge(
    atProvider,
    Object.fromEntries(Object.entries(seen).filter(([field, value]) => !isEmpty(value) || isEmpty(atProvider[field]))),
  );
  if (!equal(kept, atProvider)) object = { ...object, status: { ...objectOf(object.status), atProvider: kept } };
  let lateInitialised = false;
  if (policies.allows('LateInitialize')) {
    const forProvider = objectOf(objectOf(object.spec).forProvider);
    const filled = lateInitialise(definition, forProvider, recorded, Object.keys(computed));
    if (filled !== forProvider) {
      object = { ...object, spec: { ...objectOf(object.spec), forProvider: filled } };
      lateInitialised = true;
    }
    // Only then is an Azure-assigned name written to the annotation (seen live).
    const named = annotated(object, { [EXTERNAL_NAME]: definition.naming === 'assigned' ? id : lastSegment(id) });
    lateInitialised ||= named !== object;
    object = named;
  }
  return { object, resource, id, changes, config, recorded, lateInitialised, state, ...(password ? { password } : {}) };
}

const withoutIgnored = ({ values, ignored }: Configuration): JsonObject => omit(values, [...ignored]);

/** A parent that differs from that of the resource in hand forces a new resource. */
function movedFrom(
  definition: KindDefinition,
  config: JsonObject,
  id: string,
  resource: AzureResource,
): Changes | undefined {
  if (definition.naming !== 'assigned' || definition.identifiers.length === 0 || id.includes('|')) return undefined;
  const wished = definition.id('', config, id.split('/')[2] ?? '');
  return wished !== undefined && resourceKey(wished) !== resourceKey(id)
    ? { [parentId(wished) === parentId(id) ? 'name' : 'serverId']: { old: resource.id, new: wished } }
    : undefined;
}
