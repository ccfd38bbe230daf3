import type { RenderArguments } from './arguments.ts';
import { loadComposite } from './composite.ts';
import { diagram } from './diagram.ts';
import { explain, explainPasses } from './explain.ts';
import { exported } from './export.ts';
import { type KubernetesObject, loadObject, loadObjects } from './load.ts';
import { checkSecrets, observedResources } from './observed.ts';
import { compositionInput } from './package-files.ts';
import { type Pass, pass, passesUntilReady } from './passes.ts';
import { Refused } from './refused.ts';
import type { World } from './request.ts';
import { validate } from './validate.ts';
import { type Document, stream } from './yaml.ts';

/** The text that `render` prints. `colour` is for --explain alone. Throws Refused when the input is refused. */
export function render(options: RenderArguments, colour: boolean): string {
  const passes = passesOf(options);
  if (options.exports) return passes.slice(-1).map(exported).join('');
  if (options.explain)
    return options.untilReady ? explainPasses(passes, colour) : passes.map((only) => explain(only, colour)).join('');
  return options.untilReady ? inPasses(passes) : stream(passes.flatMap(plain));
}

/** The topology as DOT text, as it is after the last pass. Throws Refused when the input is refused. */
export const topology = (options: RenderArguments): string => passesOf(options).slice(-1).map(diagram).join('');

function passesOf(options: RenderArguments): readonly Pass[] {
  const { world, broken } = load(options);
  return checked(broken, () => (options.untilReady ? passesUntilReady(world) : [pass(world)]));
}

/** Reads and checks every file. */
export function load({ xr, old, observed, functionCredentials, input }: RenderArguments): {
  readonly world: World;
  readonly broken: readonly string[];
} {
  const { composite, broken } = validate(loadComposite(xr), old === undefined ? undefined : loadComposite(old));
  return {
    broken,
    world: {
      composite,
      resources: observedResources(composite, observed === undefined ? [] : loadObjects(observed)),
      secrets: checkSecrets(functionCredentials === undefined ? [] : loadObjects(functionCredentials)),
      input: input === undefined ? compositionInput(composite.flavour) : loadObject(input),
    },
  };
}

/** The rules of the XRD and those of the function overlap: each sentence is said once, the XRD's first. */
function checked(broken: readonly string[], run: () => readonly Pass[]): readonly Pass[] {
  try {
    const passes = run();
    if (broken.length === 0) return passes;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw new Refused([...new Set([...broken, ...error.lines])]);
  }
  throw new Refused(broken);
}

const plain = ({ rendered: { xr, resources } }: Pass): Document[] => [
  { object: xr },
  ...resources.map(([, object]) => ({ object })),
];

/** The last pass, whose resources say in which pass they came. */
function inPasses(passes: readonly Pass[]): string {
  const last = passes.at(-1);
  if (!last) return '';
  const heading = passes.flatMap(({ creates }, index) =>
    creates.length > 0 ? [`pass ${index + 1} creates: ${creates.join(', ')}`] : [],
  );
  const origin = (key: string): string => {
    const index = passes.findIndex(({ creates }) => creates.includes(key));
    return index < 0 ? 'existed before' : `created in pass ${index + 1}`;
  };
  const resources = last.rendered.resources.map(([key, object]: readonly [string, KubernetesObject]) => ({
    comment: origin(key),
    object,
  }));
  return stream([{ object: last.rendered.xr }, ...resources], heading);
}
