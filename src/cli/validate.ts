import { problemLine } from '../api/problem.ts';
import { applySchema } from '../api/schema.ts';
import type { Composite } from './composite.ts';
import { isFields } from './load.ts';
import { Refused } from './refused.ts';
import { brokenRules } from './rules.ts';

/** An XR as the API server would store it, and the sentences of the rules that it breaks. */
export interface Validated {
  readonly composite: Composite;
  readonly broken: readonly string[];
}

/**
 * Fills in the XRD's defaults and checks schema and CEL rules, those on changes only with `old`. Throws Refused when the schema does not hold,
 * because no rule can be judged then.
 */
export function validate(composite: Composite, old: Composite | undefined): Validated {
  const spec = stored(composite, '');
  const before = old && stored(old, 'old ');
  if (old && identity(old) !== identity(composite))
    throw new Refused([
      `old metadata: is ${identity(old)}, not ${identity(composite)}; give the same object as it was before`,
    ]);
  const rules = composite.schema.properties?.spec ?? {};
  return {
    composite: { ...composite, xr: { ...composite.xr, spec } },
    broken: brokenRules(spec, before, rules, 'spec').map(problemLine),
  };
}

const identity = ({ xr: { apiVersion, kind, metadata } }: Composite): string =>
  `${apiVersion} ${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;

/** `spec` with defaults. Crossplane's own fields, which the XRD does not list, stay as they are. */
function stored({ flavour, xr }: Composite, whose: string): Readonly<Record<string, unknown>> {
  const { spec, problems } = applySchema(flavour, xr.spec);
  if (problems.length > 0) throw new Refused(problems.map((problem) => `${whose}${problemLine(problem)}`));
  const defaulted: Readonly<Record<string, unknown>> = { ...spec };
  const others = Object.entries(isFields(xr.spec) ? xr.spec : {}).filter(
    ([name, value]) => !(name in defaulted) && value !== null,
  );
  return { ...Object.fromEntries(others), ...defaulted };
}
