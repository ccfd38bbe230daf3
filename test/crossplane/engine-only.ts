/** A YAML document of `crossplane composition render` or of `npm run render`. */
export interface RenderedDocument {
  apiVersion?: string;
  kind?: string;
  metadata?: { name?: string; annotations?: Record<string, string>; [field: string]: unknown };
  spec?: Record<string, unknown>;
  status?: { conditions?: { type: string }[]; [field: string]: unknown };
  [field: string]: unknown;
}

/** What the engine alone adds to a rendered document, because it takes an API server or the outcome of the reconcile. */
export const engineOnly = {
  metadata: ['uid', 'generateName', 'ownerReferences'],
  /** Beside spec (legacy) or spec.crossplane (modern) of the XR. */
  references: 'resourceRefs',
  conditions: ['Synced', 'Ready', 'Responsive'],
  /** core v2.3.4 names a composed resource `<prefix>-<first 12 hexadecimal digits of a hash of the XR's uid>`. */
  generatedName: /-[0-9a-f]{12}$/,
} as const;

/** The annotation that core puts on every composed resource, with the function's name for it. */
export const resourceNameAnnotation = 'crossplane.io/composition-resource-name';

/**
 * A copy of `document` without what the engine alone adds, nor what is empty without it. Conditions are sorted by type:
 * their order means nothing (core merges them by type).
 */
export function withoutEngineOnly(document: RenderedDocument): RenderedDocument {
  const { metadata, spec, status, ...rest } = document;
  const composed = metadata?.annotations?.[resourceNameAnnotation] !== undefined;
  const dropped: readonly string[] = [
    ...engineOnly.metadata,
    ...(composed && engineOnly.generatedName.test(metadata.name ?? '') ? ['name'] : []),
  ];
  const machinery = spec?.crossplane;
  const references = [engineOnly.references];
  const conditions = status?.conditions
    ?.filter(({ type }) => !engineOnly.conditions.some((each) => each === type))
    .sort((a, b) => (a.type < b.type ? -1 : 1));
  return {
    ...rest,
    ...filled('metadata', omit(metadata, dropped)),
    ...filled('spec', {
      ...omit(spec, [...references, 'crossplane']),
      ...(isObject(machinery) ? filled('crossplane', omit(machinery, references)) : {}),
    }),
    ...filled('status', { ...omit(status, ['conditions']), ...(conditions?.length ? { conditions } : {}) }),
  };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const omit = (object: object | undefined, names: readonly string[]): object =>
  Object.fromEntries(Object.entries(object ?? {}).filter(([name]) => !names.includes(name)));

const filled = (name: string, value: object): object => (Object.keys(value).length > 0 ? { [name]: value } : {});
