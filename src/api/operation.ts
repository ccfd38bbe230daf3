import { CLAIMS_GROUP, GROUP } from './door.ts';
import type { Problem } from './problem.ts';
import { applyOperationSchema } from './schema.ts';
import type { FailoverOperation } from './types.generated.ts';

export type OperationReading =
  | { readonly operation: FailoverOperation }
  | { readonly problems: readonly [Problem, ...Problem[]] };

/** The kind of the input that asks for an Operation. A Composition's input has another one. */
export const OPERATION_KIND = 'FailoverOperation';

/** The door of an Operation: its input with every default, or all problems at once. */
export function readOperation(input: unknown): OperationReading {
  const { operation, problems } = applyOperationSchema(input);
  const all = problems.length > 0 ? problems : rules(operation);
  const [first, ...others] = all;
  return first ? { problems: [first, ...others] } : { operation };
}

function rules({ mode, target, activeRegion, option }: FailoverOperation): readonly Problem[] {
  const { apiVersion, kind, namespace } = target;
  const problems: Problem[] = [];
  const group = apiVersion.split('/')[0];
  const namespaced = group === GROUP || kind === 'PostgreSQLDatabase';
  if (kind === 'PostgreSQLDatabase' && group !== CLAIMS_GROUP)
    problems.push({
      field: 'input.spec.target.apiVersion',
      message: `"${apiVersion}" has no claims; write ${CLAIMS_GROUP}/v1alpha1`,
    });
  if (namespaced && namespace === undefined)
    problems.push({
      field: 'input.spec.target.namespace',
      message: `is required; name the namespace of the ${kind}`,
    });
  if (!namespaced && namespace !== undefined)
    problems.push({
      field: 'input.spec.target.namespace',
      message: `"${namespace}" does not go with a cluster-scoped ${kind}; remove it, or name the claim PostgreSQLDatabase`,
    });
  const moves = mode === 'Failover' || mode === 'Drill';
  if (moves && activeRegion === undefined)
    problems.push({
      field: 'input.spec.activeRegion',
      message: `is required; mode ${mode} needs the region that writes shall go to, primary or secondary`,
    });
  if (!moves && activeRegion !== undefined)
    problems.push({
      field: 'input.spec.activeRegion',
      message: `"${activeRegion}" changes nothing in mode ${mode}; remove it, or write mode Failover`,
    });
  if (mode === 'RotatePassword' && option !== undefined)
    problems.push({
      field: 'input.spec.option',
      message: `"${option}" changes nothing in mode RotatePassword; remove it`,
    });
  if (mode === 'Drill' && option === 'Forced')
    problems.push({
      field: 'input.spec.option',
      message: '"Forced" can lose transactions; a drill is Planned, so write that or remove the field',
    });
  return problems;
}
