import { parseArgs } from 'node:util';
import { isFields } from './load.ts';

/** What `render` was asked to do. Every value is a path. */
export interface RenderArguments {
  readonly xr: string;
  readonly observed?: string;
  readonly functionCredentials?: string;
  readonly input?: string;
  readonly old?: string;
  readonly diagram?: string;
  readonly explain: boolean;
  readonly untilReady: boolean;
  /** Print what another control plane needs to take the database over. */
  readonly exports?: boolean;
}

export type Arguments = { readonly render: RenderArguments } | { readonly help: string } | { readonly wrong: string };

const USAGE = 'usage: npm run render -- XR [options]; --help says more';

const HELP = `Usage: npm run render -- XR [options]

Prints what one XPostgreSQLDatabase becomes: the XR with its status, then every composed resource, as YAML documents.
XR is a YAML file with one XPostgreSQLDatabase of database.platform.io (Crossplane v2) or claims.database.platform.io.
It may also hold a claim (PostgreSQLDatabase): then the XR is rendered that Crossplane would make of it, with the
suffix -xxxxx in place of the random one. A status in the file is the observed status.

  -o, --observed FILE              observed composed resources: a YAML stream or a folder of YAML files; each resource
                                   carries the annotation crossplane.io/composition-resource-name
      --function-credentials FILE  Secrets, as a YAML stream: a resource whose writeConnectionSecretToRef names one of
                                   them has its data as connection details
      --input FILE                 the function's Input (default: the one in compositions/)
      --old FILE                   the XR as it was before: also checks which fields may change
      --explain                    the plan for a person instead of YAML
      --diagram FILE               draws the topology into FILE, as SVG, instead of printing YAML
      --export                     what the spec on another control plane has to say to take the database over
      --until-ready                takes every pass that a control plane would take, with each resource made ready,
                                   until the XR is ready
      --help                       this text

Exit status: 0 rendered, 1 the input is refused (one line for each problem on stderr), 2 wrong usage.
`;

/** Reads the words after `src/cli.ts`. Never throws: what is wrong comes back as one line. */
export function readArguments(words: readonly string[]): Arguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        observed: { type: 'string', short: 'o' },
        'function-credentials': { type: 'string' },
        input: { type: 'string' },
        old: { type: 'string' },
        diagram: { type: 'string' },
        explain: { type: 'boolean', default: false },
        export: { type: 'boolean', default: false },
        'until-ready': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return { help: HELP };
    const [command, xr, ...more] = positionals;
    if (command === undefined) return { wrong: `the command is missing; ${USAGE}` };
    if (command !== 'render') return { wrong: `"${command}" is not a command; ${USAGE}` };
    if (xr === undefined) return { wrong: `the file with the XR is missing; ${USAGE}` };
    if (more.length > 0) return { wrong: `"${more.join(' ')}" is one file too many; ${USAGE}` };
    return {
      render: {
        xr,
        observed: values.observed,
        functionCredentials: values['function-credentials'],
        input: values.input,
        old: values.old,
        diagram: values.diagram,
        explain: values.explain,
        untilReady: values['until-ready'],
        ...(values.export ? { exports: true } : {}),
      },
    };
  } catch (error) {
    const cause = isFields(error) ? String(error.message) : String(error);
    return { wrong: `${cause.split(/[.\n] ?/)[0]}; ${USAGE}` };
  }
}
