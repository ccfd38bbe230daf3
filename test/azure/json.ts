/** JSON data, and the few operations on it that never change their arguments. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json | undefined };

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value when it is an object, and an empty object otherwise. */
export const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});

export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

export const numberOf = (value: Json | undefined): number => (typeof value === 'number' ? value : 0);

export const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => equal(item, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = definedKeys(a);
  return keys.length === definedKeys(b).length && keys.every((key) => equal(a[key], b[key]));
}

const definedKeys = (value: JsonObject): string[] => Object.keys(value).filter((key) => value[key] !== undefined);

/** Whether everything that `part` says also stands in `whole`; lists count as one value. */
export function includes(whole: Json | undefined, part: Json | undefined): boolean {
  if (isObject(part)) {
    return isObject(whole) && definedKeys(part).every((key) => includes(whole[key], part[key]));
  }
  return equal(whole, part);
}

/** Objects merged key by key, `over` winning. Gives `base` itself when nothing changes, so that unchanged parts stay shared. */
export function merge(base: JsonObject, over: JsonObject): JsonObject {
  let result = base;
  for (const key of Object.keys(over)) {
    const mine = base[key];
    const theirs = over[key];
    if (theirs === undefined) continue;
    const value = isObject(mine) && isObject(theirs) ? merge(mine, theirs) : equal(mine, theirs) ? mine : theirs;
    if (value !== mine) result = { ...result, [key]: value };
  }
  return result;
}

/** A copy without the named keys; the object itself when it has none of them. */
export function omit<T extends JsonObject>(value: T, keys: readonly string[]): JsonObject {
  if (!keys.some((key) => value[key] !== undefined)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}

/** What is missing, '' or {} or []: Terraform does not tell these apart. */
export const isEmpty = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && definedKeys(value).length === 0);

/** JSON with sorted keys: equal values have equal text. `replace` gives what stands for a field, undefined leaves it out. */
export function canonical(value: Json | undefined, replace?: (key: string, value: Json) => Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, replace)).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value ?? null);
  const parts: string[] = [];
  for (const key of definedKeys(value).sort()) {
    const own = value[key];
    const shown = replace && own !== undefined ? replace(key, own) : own;
    if (shown !== undefined) parts.push(`${JSON.stringify(key)}:${canonical(shown, replace)}`);
  }
  return `{${parts.join(',')}}`;
}
