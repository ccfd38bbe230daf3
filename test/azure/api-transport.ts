// First, so that the client can be loaded on Node 20.
import './undici-on-node-20.ts';

import { setTimeout as sleep } from 'node:timers/promises';
import {
  type KubernetesObject as ClientObject,
  CustomObjectsApi,
  type Informer,
  KubeConfig,
  type KubernetesListObject,
  KubernetesObjectApi,
  makeInformer,
} from '@kubernetes/client-node';
import { apiVersionOf, kinds } from './kinds.ts';
import type { ApiObject, Transport } from './mirror.ts';
import { describeKind } from './schema.ts';
import { groupOf, type KubernetesObject, keyOf, type ObjectKey, type ObjectRef, refOf } from './state.ts';

interface Watched {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
}

const RETRY_MILLISECONDS = 2_000;

/** Every kind whose objects the simulator has to know, in both flavours. */
function watchedKinds(): Watched[] {
  const managed = kinds.flatMap((kind) =>
    [true, false].map((namespaced) => ({ apiVersion: apiVersionOf(kind, namespaced), kind: kind.kind })),
  );
  const objects = ['kubernetes.m.crossplane.io/v1alpha1', 'kubernetes.crossplane.io/v1alpha2'].map((apiVersion) => ({
    apiVersion,
    kind: 'Object',
  }));
  return [...managed, ...objects, { apiVersion: 'v1', kind: 'Secret' }].map((each) => ({
    ...each,
    plural:
      each.kind === 'Secret'
        ? 'secrets'
        : (describeKind(each.apiVersion, each.kind)?.plural ?? `${each.kind.toLowerCase()}s`),
  }));
}

const codeOf = (error: unknown): number | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number'
    ? error.code
    : undefined;

// The client's types leave every field optional; what an API server answers has apiVersion, kind, name, uid and version.
const asApiObject = (object: object, { apiVersion, kind }: { apiVersion: string; kind: string }): ApiObject =>
  ({ ...JSON.parse(JSON.stringify(object)), apiVersion, kind }) as ApiObject;

export interface ApiTransport extends Transport {
  /** Resolves when every kind that is installed has been listed once. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Reads and writes through the official client: one watch per kind (a kind that is not installed yet is tried again every two seconds),
 * writes by PUT with the version last seen.
 */
export function createApiTransport(
  kubeconfig: string,
  onError: (what: string, error: unknown) => void = () => {},
): ApiTransport {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const custom = config.makeApiClient(CustomObjectsApi);
  const generic = KubernetesObjectApi.makeApiClient(config);
  const objects = new Map<ObjectKey, ApiObject>();
  const informers: Informer<ClientObject>[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;

  const watch = (watched: Watched): Promise<void> => {
    const { apiVersion, kind, plural } = watched;
    const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    const path = group === '' ? `/api/${version}/${plural}` : `/apis/${group}/${version}/${plural}`;
    const list = async (): Promise<KubernetesListObject<ClientObject>> => {
      if (group === '') return generic.list(apiVersion, kind);
      // listClusterCustomObject is typed as any: the answer is a list of this kind.
      return (await custom.listClusterCustomObject({ group, version, plural })) as KubernetesListObject<ClientObject>;
    };
    const informer = makeInformer<ClientObject>(config, path, list);
    const store = (object: ClientObject): void => {
      const stored = asApiObject(object, watched);
      objects.set(keyOf(refOf(stored)), stored);
    };
    informer.on('add', store);
    informer.on('update', store);
    informer.on('delete', (object) => {
      objects.delete(keyOf(refOf(asApiObject(object, watched))));
    });
    informers.push(informer);
    const again = (): void => {
      if (stopped) return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        void run();
      }, RETRY_MILLISECONDS);
      timers.add(timer);
    };
    // Resolves when the kind has been listed or is not installed; in every other case it is tried again.
    const run = async (): Promise<void> => {
      try {
        await list();
        await informer.start();
      } catch (error) {
        const code = codeOf(error);
        if (code === 404) again();
        else if (!stopped) {
          // 429: the API server is still setting up the storage of a kind that was just installed.
          if (code !== 429) onError(`watch ${path}`, error);
          await sleep(RETRY_MILLISECONDS);
          await run();
        }
      }
    };
    informer.on('error', (error) => {
      if (!stopped && codeOf(error) !== 404) onError(`watch ${path}`, error);
      again();
    });
    return run();
  };

  const pluralOf = (ref: ObjectRef): string =>
    describeKind(ref.apiVersion, ref.kind)?.plural ?? `${ref.kind.toLowerCase()}s`;
  const customRequest = (object: KubernetesObject) => {
    const ref = refOf(object);
    const [group = '', version = ''] = ref.apiVersion.split('/');
    return { group, version, plural: pluralOf(ref), name: ref.name, body: object };
  };
  // Types of the client and of this simulator describe the same JSON.
  const body = (object: KubernetesObject): ClientObject => object as unknown as ClientObject;
  const isCustom = (object: KubernetesObject): boolean =>
    /\.(upbound|crossplane)\.io$/.test(groupOf(object.apiVersion));

  return {
    ready: Promise.all(watchedKinds().map(watch)).then(() => undefined),
    snapshot: () => objects,
    read: async (ref) => {
      try {
        const { apiVersion, kind, name, namespace } = ref;
        return asApiObject(
          await generic.read({
            apiVersion,
            kind,
            metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
          }),
          ref,
        );
      } catch (error) {
        if (codeOf(error) === 404) return undefined;
        throw error;
      }
    },
    create: async (object) => asApiObject(await generic.create(body(object)), object),
    replace: async (object) => {
      if (!isCustom(object)) return asApiObject(await generic.replace(body(object)), object);
      const { namespace } = object.metadata;
      const request = customRequest(object);
      return asApiObject(
        namespace === undefined
          ? await custom.replaceClusterCustomObject(request)
          : await custom.replaceNamespacedCustomObject({ ...request, namespace }),
        object,
      );
    },
    replaceStatus: async (object) => {
      const { namespace } = object.metadata;
      const request = customRequest(object);
      return asApiObject(
        namespace === undefined
          ? await custom.replaceClusterCustomObjectStatus(request)
          : await custom.replaceNamespacedCustomObjectStatus({ ...request, namespace }),
        object,
      );
    },
    remove: async ({ apiVersion, kind, name, namespace }) => {
      await generic.delete({ apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } });
    },
    stop: async () => {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(informers.map((informer) => informer.stop()));
    },
  };
}
