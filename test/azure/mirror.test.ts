import type { JsonObject } from './json.ts';
import { type ApiObject, createMirror, type Mirror, type MirrorOptions, type Transport } from './mirror.ts';
import * as p from './platform.ts';
import {
  clockAt,
  type KubernetesObject,
  keyOf,
  type Manifest,
  type ObjectKey,
  type ObjectMeta,
  type ObjectRef,
  refOf,
} from './state.ts';

const start = clockAt(Date.UTC(2026, 5, 1));
const statusError = (code: number): Error => Object.assign(new Error(`status ${code}`), { code });

interface FakeServer extends Transport {
  readonly writes: string[];
  /** What a user does with kubectl. */
  put(manifest: Manifest): void;
  removeAsUser(ref: ObjectRef): void;
  get(ref: ObjectRef): ApiObject | undefined;
  /** Whether reads fail. */
  unreadable: boolean;
  /** The watch stands still at what it shows now, until it is let go. */
  lag(standsStill: boolean): void;
  /** The next write of any kind fails like this. */
  failNext(code: number): void;
}

/** An API server that checks versions, keeps finalizers and counts writes. */
function fakeServer(): FakeServer {
  const objects = new Map<ObjectKey, ApiObject>();
  const writes: string[] = [];
  let version = 0;
  let failure: number | undefined;
  let lagging: Map<ObjectKey, ApiObject> | undefined;
  const store = (object: KubernetesObject): ApiObject => {
    const key = keyOf(refOf(object));
    // A copy per version, as every answer of a real server is.
    const stored: ApiObject = JSON.parse(
      JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: String(++version) } }),
    );
    const deleted = stored.metadata.deletionTimestamp !== undefined && (stored.metadata.finalizers ?? []).length === 0;
    if (deleted) objects.delete(key);
    else objects.set(key, stored);
    return stored;
  };
  const check = (what: string, object: ApiObject): ApiObject => {
    writes.push(`${what} ${object.kind} ${object.metadata.name}`);
    const code = failure;
    failure = undefined;
    if (code !== undefined) throw statusError(code);
    const current = objects.get(keyOf(refOf(object)));
    if (!current) throw statusError(404);
    if (current.metadata.resourceVersion !== object.metadata.resourceVersion) throw statusError(409);
    return current;
  };
  const made = (metadata: Manifest['metadata']): ObjectMeta => ({
    ...metadata,
    uid: `uid-${++version}`,
    generation: 1,
    creationTimestamp: '2026-06-01T00:00:00Z',
  });
  const server: FakeServer = {
    writes,
    unreadable: false,
    snapshot: () => new Map(lagging ?? objects),
    lag: (standsStill) => {
      lagging = standsStill ? new Map(objects) : undefined;
    },
    read: async (ref) => {
      if (server.unreadable) throw statusError(503);
      return objects.get(keyOf(ref));
    },
    create: async (object) => {
      writes.push(`create ${object.kind} ${object.metadata.name}`);
      if (objects.has(keyOf(refOf(object)))) throw statusError(409);
      return store({ ...object, metadata: made(object.metadata) });
    },
    replace: async (object) => {
      const current = check('replace', object);
      const changed = JSON.stringify(current.spec) !== JSON.stringify(object.spec);
      return store({
        ...object,
        status: current.status,
        metadata: { ...object.metadata, generation: current.metadata.generation + (changed ? 1 : 0) },
      });
    },
    replaceStatus: async (object) => store({ ...check('status', object), status: object.status }),
    remove: async (ref) => {
      writes.push(`delete ${ref.kind} ${ref.name}`);
      objects.delete(keyOf(ref));
    },
    put: (manifest) => {
      const current = objects.get(keyOf(refOf(manifest)));
      store(
        current
          ? {
              ...current,
              ...manifest,
              metadata: {
                ...current.metadata,
                ...manifest.metadata,
                annotations: { ...current.metadata.annotations, ...manifest.metadata.annotations },
                generation: current.metadata.generation + 1,
              },
            }
          : { ...manifest, metadata: made(manifest.metadata) },
      );
    },
    removeAsUser: (ref) => {
      const current = objects.get(keyOf(ref));
      if (current) store({ ...current, metadata: { ...current.metadata, deletionTimestamp: '2026-06-02T00:00:00Z' } });
    },
    get: (ref) => objects.get(keyOf(ref)),
    failNext: (code) => {
      failure = code;
    },
  };
  return server;
}

interface Running {
  readonly server: FakeServer;
  readonly mirror: Mirror;
  run(seconds: number): Promise<void>;
}

function begin(options: MirrorOptions = {}): Running {
  const server = fakeServer();
  const mirror = createMirror(server, options);
  let now = start;
  return {
    server,
    mirror,
    run: async (seconds) => {
      for (const end = now + seconds; now < end; now += 10) await mirror.tick(now);
    },
  };
}

const flavour = { namespaced: true };
const status = (object: ApiObject | undefined): JsonObject => (object?.status ?? {}) as JsonObject;
const isReady = (object: ApiObject | undefined): boolean =>
  JSON.stringify(status(object).conditions ?? []).includes('"type":"Ready","status":"True"');
const withDefaults = (manifest: Manifest): Manifest => ({
  ...manifest,
  spec: { managementPolicies: ['*'], ...manifest.spec },
});
const group = withDefaults(p.resourceGroup(flavour));

const settings: Manifest = {
  apiVersion: 'kubernetes.m.crossplane.io/v1alpha1',
  kind: 'Object',
  metadata: { name: 'settings', namespace: 'default' },
  spec: {
    managementPolicies: ['*'],
    forProvider: {
      manifest: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'target', namespace: 'default' },
        data: { a: '1' },
      },
    },
  },
};
const settingsTarget: ObjectRef = { apiVersion: 'v1', kind: 'ConfigMap', name: 'target', namespace: 'default' };

describe('a mirror of an API server', () => {
  it('writes external name, finalizer, times of that clock, and status', async () => {
    const { server, run } = begin();
    server.put(withDefaults(p.managed(flavour, 'ResourceGroup', 'rg', { location: 'eastus2' })));
    await run(60);
    const object = server.get(refOf(group));
    expect(object?.metadata).toMatchObject({
      annotations: { 'crossplane.io/external-name': 'rg' },
      finalizers: ['finalizer.managedresource.crossplane.io'],
    });
    expect(status(object)).toMatchObject({ atProvider: { id: expect.stringMatching(/resourceGroups\/rg$/) } });
    expect(JSON.stringify(status(object).conditions)).toContain('"lastTransitionTime":"2026-06-01T00:00:');
  });

  it('is quiet when nothing changes', async () => {
    const { server, run } = begin();
    server.put(group);
    await run(60);
    const before = server.writes.length;
    await run(3600);
    expect(server.writes.length).toBe(before);
  });

  it('makes a whole platform Ready, with Secrets that their server owns', async () => {
    const { server, run } = begin();
    const all = p.platform(flavour).map(withDefaults);
    for (const manifest of all) server.put(manifest);
    await run(3600);
    expect(all.filter((each) => !isReady(server.get(refOf(each)))).map((each) => each.metadata.name)).toEqual([]);
    const primary = server.get(refOf(p.primary(flavour)));
    for (const name of ['admin', 'server-a-connection']) {
      const secret = server.get({ apiVersion: 'v1', kind: 'Secret', namespace: 'default', name });
      expect(secret?.metadata.ownerReferences).toMatchObject([{ uid: primary?.metadata.uid }]);
    }
  });

  it('tries a refused write again with the newer version', async () => {
    const { server, run } = begin();
    server.put(group);
    server.failNext(409);
    await run(60);
    expect(isReady(server.get(refOf(group)))).toBe(true);
  });

  it('tells of a write that fails otherwise, and goes on', async () => {
    const errors: string[] = [];
    const { server, run } = begin({ onError: (what) => errors.push(what) });
    server.put(group);
    server.failNext(500);
    await run(60);
    expect(errors).toEqual(['write ResourceGroup.azure.m.upbound.io/default/rg']);
    expect(isReady(server.get(refOf(group)))).toBe(true);
  });

  it('holds the finalizer until Azure allows the deletion', async () => {
    const { server, run } = begin();
    const all = p.foundation(flavour).map(withDefaults);
    for (const manifest of all) server.put(manifest);
    await run(600);
    server.removeAsUser(refOf(group));
    await run(300);
    expect(server.get(refOf(group))?.metadata.finalizers).toHaveLength(1);
    for (const manifest of all) server.removeAsUser(refOf(manifest));
    await run(600);
    expect(all.filter((each) => server.get(refOf(each))).map((each) => each.metadata.name)).toEqual([]);
  });

  it('takes an object that was deleted and made again for another one', async () => {
    const { server, mirror, run } = begin();
    server.put(group);
    await run(60);
    const before = server.get(refOf(group))?.metadata.uid;
    server.removeAsUser(refOf(group));
    await run(120);
    server.put(group);
    await run(120);
    expect(server.get(refOf(group))?.metadata.uid).not.toBe(before);
    expect(isReady(server.get(refOf(group)))).toBe(true);
    expect(Object.keys(mirror.state.resources)).toHaveLength(1);
  });

  it('is not confused by a watch that lags behind its own writes', async () => {
    const { server, mirror, run } = begin();
    server.put(group);
    server.lag(true);
    await run(120);
    expect(isReady(server.get(refOf(group)))).toBe(true);
    const writes = server.writes.length;
    await run(600);
    expect(server.writes.length).toBe(writes);
    server.lag(false);
    await run(60);
    expect([server.writes.length, Object.keys(mirror.state.resources).length]).toEqual([writes, 1]);
  });

  it('passes what happens on to Azure', async () => {
    const { server, mirror, run } = begin();
    server.put(withDefaults(p.managed(flavour, 'ResourceGroup', 'rg', { location: 'eastus2' })));
    mirror.happen({ type: 'fault', fault: { id: 'f', on: { kind: 'ResourceGroup' }, effect: { type: 'fail' } } });
    await run(120);
    expect(isReady(server.get(refOf(group)))).toBe(false);
    mirror.happen({ type: 'clear', fault: 'f' });
    await run(300);
    expect(isReady(server.get(refOf(group)))).toBe(true);
  });

  it('keeps and deletes the target of an Object', async () => {
    const { server, run } = begin();
    server.put(settings);
    await run(60);
    expect(server.get(settingsTarget)).toMatchObject({ data: { a: '1' } });
    const found = server.get(settingsTarget);
    if (found) server.put({ ...found, data: { a: 'drifted' } });
    await run(60);
    expect(server.get(settingsTarget)).toMatchObject({ data: { a: '1' } });
    server.removeAsUser(refOf(settings));
    await run(60);
    expect([server.get(settingsTarget), server.get(refOf(settings))]).toEqual([undefined, undefined]);
  });

  it('does not take what it cannot read for gone, and so deletes it', async () => {
    const { server, run } = begin();
    server.put(settings);
    await run(60);
    server.unreadable = true;
    await run(60);
    server.removeAsUser(refOf(settings));
    await run(60);
    expect([server.get(settingsTarget), server.get(refOf(settings))]).toEqual([undefined, undefined]);
  });

  it('takes over a target that is there already', async () => {
    const { server, run } = begin();
    server.put({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'target', namespace: 'default' },
      data: { b: '2' },
    });
    server.put(settings);
    await run(60);
    expect(server.get(settingsTarget)).toMatchObject({ data: { a: '1', b: '2' } });
    expect(isReady(server.get(refOf(settings)))).toBe(true);
  });

  it('goes on with the Azure of an earlier run', async () => {
    const first = begin();
    first.server.put(group);
    await first.run(60);
    const second = createMirror(first.server, { state: JSON.parse(JSON.stringify(first.mirror.state)) });
    const requests = first.server.writes.length;
    for (let now = start + 60; now < start + 300; now += 10) await second.tick(now);
    expect(Object.keys(second.state.resources)).toHaveLength(1);
    expect(first.server.writes.length).toBe(requests);
  });
});
