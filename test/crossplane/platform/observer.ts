// First, so that the client can be loaded on Node 20.
import '../../azure/undici-on-node-20.ts';

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type KubernetesObject as ClientObject,
  CustomObjectsApi,
  type Informer,
  KubeConfig,
  type KubernetesListObject,
  KubernetesObjectApi,
  makeInformer,
} from '@kubernetes/client-node';
import { parse } from 'yaml';
import { repositoryRoot } from '../tools.ts';
import { type Change, keyOf, type LiveObject } from './live-object.ts';

export interface Observer {
  /** Everything that exists, by `<kind>.<group>/<namespace>/<name>`. */
  readonly objects: ReadonlyMap<string, LiveObject>;
  /** Everything that was stored or deleted since the observer started, in the order in which the watches told. */
  readonly changes: readonly Change[];
  stop(): Promise<void>;
}

interface Watched {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
}

const OURS: readonly Watched[] = [
  { apiVersion: 'database.platform.io/v1alpha1', kind: 'XPostgreSQLDatabase', plural: 'xpostgresqldatabases' },
  { apiVersion: 'claims.database.platform.io/v1alpha1', kind: 'XPostgreSQLDatabase', plural: 'xpostgresqldatabases' },
  { apiVersion: 'claims.database.platform.io/v1alpha1', kind: 'PostgreSQLDatabase', plural: 'postgresqldatabases' },
];

const KUBERNETES: readonly Watched[] = [
  { apiVersion: 'v1', kind: 'Secret', plural: 'secrets' },
  { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' },
  { apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts' },
  { apiVersion: 'batch/v1', kind: 'CronJob', plural: 'cronjobs' },
  { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', plural: 'roles' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', plural: 'rolebindings' },
];

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly storage: boolean }[];
  };
}

/** Every kind of the providers' CRDs, in both flavours; an operator's kinds need not be installed. */
function providerKinds(): Watched[] {
  const folder = join(repositoryRoot, 'test/crds');
  return readdirSync(folder).flatMap((file) => {
    // The generator of these files gives them all of this shape.
    const { group, names, versions } = (parse(readFileSync(join(folder, file), 'utf8')) as Crd).spec;
    return versions
      .filter(({ storage }) => storage && /(^|\.)(upbound|crossplane)\.io$/.test(group))
      .map(({ name }) => ({ apiVersion: `${group}/${name}`, kind: names.kind, plural: names.plural }));
  });
}

const RETRY_MILLISECONDS = 500;

/**
 * Watches all that an XPostgreSQLDatabase can become, the XRs and the claims, across restarts of the API server. The kinds have
 * to be installed. Resolves when all have been listed.
 */
export async function startObserver(kubeconfig: string): Promise<Observer> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const custom = config.makeApiClient(CustomObjectsApi);
  const generic = KubernetesObjectApi.makeApiClient(config);
  const objects = new Map<string, LiveObject>();
  const changes: Change[] = [];
  const informers: Informer<ClientObject>[] = [];
  let stopped = false;

  const watch = async ({ apiVersion, kind, plural }: Watched): Promise<void> => {
    const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    const path = group === '' ? `/api/${version}/${plural}` : `/apis/${group}/${version}/${plural}`;
    const list = async (): Promise<KubernetesListObject<ClientObject>> =>
      group === ''
        ? generic.list(apiVersion, kind)
        : // Typed as any by the client.
          ((await custom.listClusterCustomObject({ group, version, plural })) as KubernetesListObject<ClientObject>);
    const informer = makeInformer<ClientObject>(config, path, list);
    // Lists leave out what is the same for every item. By way of JSON, because the client makes Dates of times.
    const live = (given: ClientObject): LiveObject => ({ ...JSON.parse(JSON.stringify(given)), apiVersion, kind });
    const stored = (given: ClientObject): void => {
      const object = live(given);
      const key = keyOf(object);
      const known = objects.get(key);
      if (known?.metadata.resourceVersion === object.metadata.resourceVersion) return;
      objects.set(key, object);
      changes.push({ at: Date.now(), what: 'stored', object });
    };
    informer.on('add', stored);
    informer.on('update', stored);
    informer.on('delete', (given) => {
      const object = live(given);
      objects.delete(keyOf(object));
      changes.push({ at: Date.now(), what: 'deleted', object });
    });
    informers.push(informer);
    const start = async (): Promise<void> => {
      while (!stopped) {
        try {
          await informer.start();
          return;
        } catch {
          await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
        }
      }
    };
    informer.on('error', () => setTimeout(start, RETRY_MILLISECONDS).unref());
    await start();
  };

  await Promise.all([...OURS, ...KUBERNETES, ...providerKinds()].map(watch));
  return {
    objects,
    changes,
    stop: async () => {
      stopped = true;
      await Promise.all(informers.map((informer) => informer.stop()));
    },
  };
}
