import { Environment } from '@marcbachmann/cel-js';
import type { Problem } from '../api/problem.ts';
import { isFields } from './load.ts';
import type { RuleSchema } from './package-files.ts';
import { Refused } from './refused.ts';

/** Kubernetes has `replace` (its strings library); this one lacks it, and split with join goes over Kubernetes' cost limit. */
const cel = new Environment({ unlistedVariablesAreDyn: true }).registerFunction(
  'string.replace(string, string): string',
  (text: string, from: string, to: string) => text.replaceAll(from, to),
);

/**
 * The CEL rules (x-kubernetes-validations) that `value` breaks, each at the level where it stands. Rules that name oldSelf are judged only
 * where `old` has a value too, as Kubernetes does it; items of lists are never matched with old ones, which ours do not need.
 */
export function brokenRules(value: unknown, old: unknown, schema: RuleSchema, path: string): Problem[] {
  if (value === undefined) return [];
  const own = (schema['x-kubernetes-validations'] ?? []).flatMap(({ rule, message, messageExpression }) => {
    const transition = /\boldSelf\b/.test(rule);
    if (transition && old === undefined) return [];
    const variables = { self: typed(value, schema), oldSelf: transition ? typed(old, schema) : undefined };
    if (evaluate(rule, variables) === true) return [];
    const said = messageExpression === undefined ? message : String(evaluate(messageExpression, variables));
    return [problem(path, said ?? `breaks the rule ${rule}`)];
  });
  if (Array.isArray(value))
    return [
      ...own,
      ...value.flatMap((item, index) => brokenRules(item, undefined, schema.items ?? {}, `${path}[${index}]`)),
    ];
  if (!isFields(value)) return own;
  return [
    ...own,
    ...Object.entries(value).flatMap(([name, child]) => {
      const before = isFields(old) ? old[name] : undefined;
      return brokenRules(
        child,
        before,
        schema.properties?.[name] ?? schema.additionalProperties ?? {},
        `${path}.${name}`,
      );
    }),
  ];
}

/** The value of a rule or of its messageExpression. One that has none is a mistake of the XRD, which the API server reports too. */
function evaluate(expression: string, variables: { readonly self: unknown; readonly oldSelf: unknown }): unknown {
  try {
    return cel.evaluate(expression, variables);
  } catch (error) {
    const [cause] = String(isFields(error) ? error.message : error).split('\n');
    throw new Refused([
      `rule ${JSON.stringify(expression)} of the XRD cannot be evaluated (${cause}); report it with the XR`,
    ]);
  }
}

/** A message of ours names the field from `spec` on, or from its own level on where one schema stands in two places. */
function problem(path: string, message: string): Problem {
  const [, field, rest] = /^([\w.]+): (.*)$/s.exec(message) ?? [];
  if (field === undefined || rest === undefined) return { field: path, message };
  return { field: /^spec\b/.test(field) ? field : `${path}.${field}`, message: rest };
}

/** CEL has integers of its own, which this library reads from bigint; a number is a double to it. */
function typed(value: unknown, schema: RuleSchema): unknown {
  if (schema.type === 'integer' && typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (Array.isArray(value)) return value.map((item) => typed(item, schema.items ?? {}));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [
      name,
      typed(child, schema.properties?.[name] ?? schema.additionalProperties ?? {}),
    ]),
  );
}
