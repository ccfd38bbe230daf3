import {
  equal,
  includes,
  isEmpty,
  isObject,
  type Json,
  type JsonObject,
  merge,
  objectOf,
  omit,
  textOf,
} from './json.ts';
import type { Change, Changes, KindDefinition } from './kind.ts';
import { normaliseRegion } from './regions.ts';

/** What upjet gives to Terraform: the configuration out of the spec, and what Terraform would change. */
export interface Configuration {
  /** forProvider over initProvider, references and secret references left out. */
  readonly values: JsonObject;
  /** Top-level fields that stand in initProvider alone: their differences are ignored once the resource exists. */
  readonly ignored: ReadonlySet<string>;
}

const isPlumbing = (field: string): boolean => /(Ref|Refs|Selector)$/.test(field) || field === 'autoGeneratePassword';

/** upjet GetMergedParameters and getIgnoredFieldsArray (seen live: only a whole top-level block is ignored). */
export function configurationOf(spec: JsonObject): Configuration {
  const [forProvider, initProvider] = [objectOf(spec.forProvider), objectOf(spec.initProvider)];
  const values = omit(
    merge(initProvider, forProvider),
    Object.keys({ ...forProvider, ...initProvider }).filter(isPlumbing),
  );
  return { values, ignored: new Set(Object.keys(initProvider).filter((field) => isEmpty(forProvider[field]))) };
}

const maps = ['tags', 'metadata', 'triggers'];

function same(field: string, state: Json | undefined, config: Json | undefined): boolean {
  if (field === 'location') return normaliseRegion(textOf(state)) === normaliseRegion(textOf(config));
  // azurerm compares this one id without case (azurerm 4.80 postgres).
  if (field === 'privateDnsZoneId') return textOf(state).toLowerCase() === textOf(config).toLowerCase();
  if (maps.includes(field)) return equal(objectOf(state), objectOf(config));
  if (Array.isArray(state) && Array.isArray(config) && config.every((item) => !isObject(item))) {
    return equal([...state].map(String).sort(), [...config].map(String).sort());
  }
  return includes(state, config);
}

/** Terraform's diff by top-level field. `recorded` is the Terraform state, by field of forProvider. */
export function differences(
  definition: KindDefinition,
  { values, ignored }: Configuration,
  recorded: JsonObject,
): Changes {
  const changes: Record<string, Change> = {};
  const fields = new Set([...Object.keys(values), ...Object.keys(definition.defaults), ...definition.removable]);
  for (const field of fields) {
    if (ignored.has(field) || definition.identifiers.includes(field)) continue;
    const [old, wished] = [recorded[field], values[field] ?? definition.defaults[field]];
    if (wished === undefined || (isEmpty(wished) && !maps.includes(field))) {
      if (definition.removable.includes(field) && !isEmpty(old)) changes[field] = { old, new: wished };
    } else if (!same(field, old, wished)) {
      changes[field] = { old, new: wished };
    } else if (
      isObject(wished) &&
      definition.removable.includes(field) &&
      !maps.includes(field) &&
      removesPart(objectOf(old), wished)
    ) {
      changes[field] = { old, new: wished };
    }
  }
  return changes;
}

// Inside a block that is not computed, a field left out asks for its removal: a standby zone, for one.
const removesPart = (old: JsonObject, wished: JsonObject): boolean =>
  Object.keys(old).some((key) => !isEmpty(old[key]) && old[key] !== false && wished[key] === undefined);

const snakeCase = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** upjet assertNoForceNew: the first change that would need another resource, as a message. */
export function forceNewRefusal(definition: KindDefinition, changes: Changes): string | undefined {
  for (const [field, change] of Object.entries(changes)) {
    if (!definition.forceNew.includes(field) && !definition.forcesNew?.(field, change)) continue;
    const text = (value: Json | undefined): string =>
      typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
    return `refuse to update the external resource because the following update requires replacing it: cannot change the value of the argument "${snakeCase(field)}" from "${text(change.old)}" to "${text(change.new)}"`;
  }
  return undefined;
}

/** LateInitialize: what is observed and not in forProvider is copied there, blocks included (seen live, 2 Zones). */
export function lateInitialise(
  definition: KindDefinition,
  forProvider: JsonObject,
  observed: JsonObject,
  computed: readonly string[],
): JsonObject {
  let result = forProvider;
  for (const [field, value] of Object.entries(observed)) {
    if (isEmpty(value) || computed.includes(field) || maps.includes(field)) continue;
    if (definition.identifiers.includes(field) || (definition.neverLateInitialised ?? []).includes(field)) continue;
    const mine = result[field];
    if (isEmpty(mine)) result = { ...result, [field]: value };
    else if (isObject(mine) && isObject(value)) {
      const filled = merge(value, mine);
      if (!equal(filled, mine)) result = { ...result, [field]: filled };
    }
  }
  return result;
}
