import { type Database, database, type Flavour, type Handle, type Owner } from './database.ts';
import type { Problem } from './problem.ts';
import { rules } from './rules.ts';
import { applyInputSchema, applySchema } from './schema.ts';

export const GROUP = 'database.platform.io';
export const CLAIMS_GROUP = 'claims.database.platform.io';

/** The parts of an XR's metadata that are read. */
export interface CompositeObject {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown };
  readonly spec?: unknown;
}

export type Reading = { readonly database: Database } | { readonly problems: readonly Problem[] };

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The flavour that an API group means, or undefined for a group that is not ours. */
export function flavourOf(apiVersion: unknown): Flavour | undefined {
  const group = text(apiVersion).split('/')[0];
  if (group === GROUP) return 'namespaced';
  return group === CLAIMS_GROUP ? 'cluster' : undefined;
}

/** Crossplane puts the claim's name into the XR; names must come from the claim, because the XR's has a random suffix. */
function ownerOf(flavour: Flavour, xr: CompositeObject): Owner {
  const claim = (xr.spec as { claimRef?: { name?: unknown; namespace?: unknown } } | undefined)?.claimRef;
  if (flavour === 'cluster' && claim)
    return {
      group: CLAIMS_GROUP,
      kind: 'PostgreSQLDatabase',
      plural: 'postgresqldatabases',
      name: text(claim.name),
      namespace: text(claim.namespace),
    };
  return {
    group: flavour === 'cluster' ? CLAIMS_GROUP : GROUP,
    kind: 'XPostgreSQLDatabase',
    plural: 'xpostgresqldatabases',
    name: text(xr.metadata?.name),
    namespace: flavour === 'cluster' ? '' : text(xr.metadata?.namespace) || 'default',
  };
}

/** XR and claim have the same versions, because they come from one XRD. */
function handles({ apiVersion, kind, metadata }: CompositeObject, flavour: Flavour, owner: Owner): Handle[] {
  const version = text(apiVersion);
  const composite = { apiVersion: version, kind: text(kind), name: text(metadata?.name) };
  if (flavour === 'namespaced') return [{ ...composite, namespace: owner.namespace }];
  const { kind: claim, name, namespace } = owner;
  return namespace === '' ? [composite] : [{ apiVersion: version, kind: claim, name, namespace }, composite];
}

/**
 * The only door: reads the XR and the pipeline step's input, applies every default, and checks every rule that needs nothing but them.
 * Gives either a complete Database or all problems at once.
 */
export function read(xr: CompositeObject, input: unknown): Reading {
  const flavour = flavourOf(xr.apiVersion);
  if (!flavour || xr.kind !== 'XPostgreSQLDatabase')
    return {
      problems: [
        {
          field: 'apiVersion',
          message: `"${text(xr.apiVersion)}" kind "${text(xr.kind)}" is not an XPostgreSQLDatabase of ${GROUP} or ${CLAIMS_GROUP}; fix compositeTypeRef in the Composition`,
        },
      ],
    };
  const applied = applySchema(flavour, xr.spec);
  const platform = applyInputSchema(input);
  const shape = [...applied.problems, ...platform.problems];
  if (shape.length > 0) return { problems: shape };
  const owner = ownerOf(flavour, xr);
  const read = database(flavour, owner, handles(xr, flavour, owner), applied.spec, platform.platform);
  const problems = rules.flatMap((rule) => rule(read));
  return problems.length > 0 ? { problems } : { database: read };
}
