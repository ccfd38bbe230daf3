import { type RenderedDocument, withoutEngineOnly } from './engine-only.ts';

const composed = (name: string): RenderedDocument => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name,
    namespace: 'team-a',
    uid: 'cf65ea69',
    generateName: 'orders-',
    labels: { 'crossplane.io/composite': 'orders' },
    annotations: { 'crossplane.io/composition-resource-name': 'config' },
    ownerReferences: [{ name: 'orders' }],
  },
  data: { text: 'kept', uid: 'kept' },
});

describe('what only the engine adds', () => {
  it('goes from a composed resource, nothing else does', () => {
    const { metadata, data } = withoutEngineOnly(composed('orders-89098c259b28'));
    expect(metadata).toEqual({
      namespace: 'team-a',
      labels: { 'crossplane.io/composite': 'orders' },
      annotations: { 'crossplane.io/composition-resource-name': 'config' },
    });
    expect(data).toEqual({ text: 'kept', uid: 'kept' });
  });

  it('is not a name that the function chose', () => {
    for (const name of ['orders-primary', 'orders-89098c259b2', 'orders-89098c259b28-1'])
      expect(withoutEngineOnly(composed(name)).metadata?.name).toBe(name);
  });

  const conditions = ['Synced', 'Responsive', 'Ready', 'PrimaryReady', 'NetworkReady'].map((type) => ({ type }));

  it.each([
    ['modern', { crossplane: { resourceRefs: [{}] }, tags: {} }],
    ['legacy', { resourceRefs: [{}], tags: {} }],
  ])('goes from a %s XR, whose name stays', (_, spec) => {
    const xr = { kind: 'X', metadata: { name: 'orders-89098c259b28' }, spec, status: { conditions, dnsZoneName: 'z' } };
    expect(withoutEngineOnly(xr)).toEqual({
      kind: 'X',
      metadata: { name: 'orders-89098c259b28' },
      spec: { tags: {} },
      status: { conditions: [{ type: 'NetworkReady' }, { type: 'PrimaryReady' }], dnsZoneName: 'z' },
    });
  });

  it('leaves the rest of spec.crossplane', () => {
    const crossplane = { resourceRefs: [{}], compositionRef: { name: 'azure' } };
    expect(withoutEngineOnly({ spec: { crossplane } })).toEqual({
      spec: { crossplane: { compositionRef: { name: 'azure' } } },
    });
  });

  it('leaves no empty status behind', () => {
    expect(withoutEngineOnly({ kind: 'X', status: { conditions: [{ type: 'Ready' }] } })).toEqual({ kind: 'X' });
  });
});
