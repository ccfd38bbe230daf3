import type { Resource, RunFunctionResponse } from '@crossplane-org/function-sdk-typescript';
import fc from 'fast-check';
import { runFunction } from '../src/function.ts';
import { crdProblems } from './schemas.ts';
import { settle } from './support/passes.ts';
import { type Json, type Observed, request, resource, seen, twoRegions, xr } from './support/requests.ts';
import { flavour, input, objectName, spec } from './support/specs.ts';

const FATAL = 1;
const fatal = ({ results }: RunFunctionResponse): string | undefined =>
  results.find(({ severity }) => severity === FATAL)?.message;
const desired = (response: RunFunctionResponse): Observed => response.desired?.resources ?? {};
const body = ({ resource }: Resource): Json => resource as Json; // a desired resource always has one
const metadata = (from: Resource) =>
  body(from).metadata as {
    name: string;
    namespace?: string;
    labels: Record<string, string>;
    annotations?: Record<string, string>;
  };

/** What an API server may hold of a settled platform: some resources gone, some unready, refused or being deleted. */
const disturbed = (observed: Observed) =>
  fc
    .array(
      fc.record({
        fate: fc.constantFrom('gone', 'unready', 'refused', 'blank', 'deleting', 'fine'),
      }),
      { minLength: Object.keys(observed).length, maxLength: Object.keys(observed).length },
    )
    .map((fates) =>
      Object.fromEntries(
        Object.entries(observed).flatMap(([key, value], index) => {
          const fate = fates[index]?.fate;
          const object = structuredClone(value.resource) as Json & {
            metadata: Json;
            status?: { conditions: Json[]; atProvider?: Json };
          };
          if (fate === 'gone') return [];
          if (fate === 'blank') delete object.status;
          if (fate === 'unready' && object.status) object.status.conditions = [{ type: 'Ready', status: 'False' }];
          if (fate === 'refused' && object.status)
            object.status.conditions = [
              { type: 'Ready', status: 'True' },
              {
                type: 'Synced',
                status: 'False',
                message: 'unexpected status 400 (400 Bad Request) with error: Boom: x',
              },
            ];
          if (fate === 'deleting') object.metadata.deletionTimestamp = '2024-01-01T00:00:00Z';
          return [
            [key, { ...value, resource: object, connectionDetails: fate === 'blank' ? {} : value.connectionDetails }],
          ];
        }),
      ),
    );

/** The same JSON with every object's keys in reverse order, as another writer could have sent it. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (Buffer.isBuffer(value) || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (Buffer.isBuffer(value) || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
};

/** Conditions as the XR carries them. */
const STATUS = ['', 'Unknown', 'True', 'False'];

describe('for every valid spec', () => {
  it('settles, is ready then, and every resource is valid by the real CRDs', () => {
    fc.assert(
      fc.property(flavour, spec, objectName, input, (of, wished, name, platform) => {
        const { response } = settle(xr(of, wished, name), platform);
        expect(fatal(response)).toBeUndefined();
        expect(response.desired?.composite?.ready).toBe(1);
        const two = 'secondary' in (wished.regions as object);
        const [settled, optional] = [response.conditions.slice(0, 8), response.conditions.slice(8)];
        expect(settled.map(({ status }) => status)).toEqual([2, 2, 2, 2, 2, two ? 2 : 3, 3, 3]);
        expect(optional.filter(({ status }) => status !== 2)).toEqual([]);
        for (const composed of Object.values(desired(response))) expect(crdProblems(body(composed))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('gives every resource a legal name of its own', () => {
    fc.assert(
      fc.property(flavour, spec, objectName, input, (of, wished, name, platform) => {
        const all = Object.values(desired(settle(xr(of, wished, name), platform).response));
        const names = all.map(
          (composed) => `${body(composed).kind}/${metadata(composed).namespace ?? ''}/${metadata(composed).name}`,
        );
        expect(new Set(names).size).toBe(names.length);
        for (const composed of all) {
          expect(metadata(composed).name).toMatch(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/);
          for (const value of Object.values(metadata(composed).labels))
            expect(value).toMatch(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/);
          if (of === 'namespaced') expect(metadata(composed).namespace).toBe('team-a');
        }
      }),
      { numRuns: 40 },
    );
  });

  it('never drops an observed resource that the spec asks for, whatever subset exists in whatever state', () => {
    fc.assert(
      fc.property(flavour, spec, input, fc.infiniteStream(fc.nat()), (of, wished, platform, seeds) => {
        const object = xr(of, wished);
        const { observed } = settle(object, platform);
        const seed = seeds.next().value as number; // infinite
        for (const part of fc.sample(disturbed(observed), { seed, numRuns: 5 })) {
          const response = runFunction(request(object, { observed: part, input: platform }));
          expect(fatal(response)).toBeUndefined();
          expect(Object.keys(desired(response))).toEqual(expect.arrayContaining(Object.keys(part)));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('leads the public name to the server of the write name and to no other, and never has a server probed', () => {
    const network = { trafficManager: { enabled: true } };
    fc.assert(
      fc.property(flavour, spec, input, fc.infiniteStream(fc.nat()), (of, wished, platform, seeds) => {
        const asks = wished as { network?: object };
        const object = xr(of, { ...wished, network: { ...asks.network, ...network } });
        const { observed } = settle(object, platform);
        const seed = seeds.next().value as number; // infinite
        for (const part of [observed, ...fc.sample(disturbed(observed), { seed, numRuns: 4 })]) {
          const answer = desired(runFunction(request(object, { observed: part, input: platform })));
          const endpoints = Object.entries(answer).flatMap(([key, composed]) =>
            body(composed).kind === 'TrafficManagerExternalEndpoint'
              ? [{ key, ...(body(composed).spec as { forProvider: Json }).forProvider }]
              : [],
          ) as { key: string; enabled?: boolean; alwaysServeEnabled?: boolean; priority?: number }[];
          const record = answer['cname-write'];
          const server = record && metadata(record).annotations?.['database.platform.io/server'];
          for (const { key, enabled, alwaysServeEnabled } of endpoints) {
            expect(alwaysServeEnabled).toBe(true);
            if (server !== undefined) expect(enabled).toBe(key === `${server}-traffic`);
          }
          expect(endpoints.filter(({ enabled }) => enabled).length).toBeLessThanOrEqual(1);
          expect(new Set(endpoints.map(({ priority }) => priority)).size).toBe(endpoints.length);
          if (part === observed) expect(endpoints.filter(({ enabled }) => enabled)).toHaveLength(1);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('keeps names, external names and what refers to them of what exists, whatever the platform says later', () => {
    const rest = ({ resource }: Resource) => {
      const { spec } = resource as { spec?: { forProvider?: Json } };
      return { ...spec, forProvider: { ...spec?.forProvider, tags: undefined } };
    };
    fc.assert(
      fc.property(flavour, spec, input, input, (of, wished, before, after) => {
        const object = xr(of, wished);
        const { observed } = settle(object, before);
        for (const [index, value] of Object.values(observed).entries())
          metadata(value).name = `made-by-another-version-${index}`;
        const was = runFunction(request(object, { observed, input: before }));
        const response = runFunction(request(object, { observed, input: after }));
        for (const [key, composed] of Object.entries(desired(response))) {
          const old = observed[key] as Resource; // nothing is created any more
          expect(metadata(composed).name).toBe(metadata(old).name);
          expect(metadata(composed).annotations?.['crossplane.io/external-name']).toBe(
            metadata(old).annotations?.['crossplane.io/external-name'],
          );
          expect(rest(composed)).toEqual(rest(desired(was)[key] as Resource));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('gives the same answer whatever the order of keys', () => {
    fc.assert(
      fc.property(flavour, spec, input, (of, wished, platform) => {
        const object = xr(of, wished);
        const { observed } = settle(object, platform);
        const one = request(object, { observed, input: platform });
        const other = { ...one, ...(reversed({ observed: one.observed, input: one.input }) as object) };
        expect(JSON.stringify(sorted(runFunction(other)))).toBe(JSON.stringify(sorted(runFunction(one))));
        expect(JSON.stringify(runFunction(one))).toBe(JSON.stringify(runFunction(one)));
      }),
      { numRuns: 30 },
    );
  });

  it('renders both flavours equal but for what differs between them', () => {
    fc.assert(
      fc.property(spec, (wished) => {
        const strip = (of: 'namespaced' | 'cluster') =>
          Object.fromEntries(
            Object.entries(desired(settle(xr(of, wished)).response))
              .filter(
                ([key]) =>
                  !/^(management-|(claim-)?protection$|connection-secret|dump-(cronjob|serviceaccount))|-datadog-/.test(
                    key,
                  ),
              )
              .map(([key, composed]) => {
                const { kind, spec } = body(composed) as {
                  kind: string;
                  spec?: { forProvider: Json; initProvider?: Json };
                };
                // The flavours belong to different groups, so their owners and therefore nothing but these fields may differ.
                const forProvider: Json = { ...spec?.forProvider };
                if (forProvider.administratorPasswordSecretRef)
                  forProvider.administratorPasswordSecretRef = {
                    ...(forProvider.administratorPasswordSecretRef as Json),
                    namespace: undefined,
                  };
                return [
                  key,
                  {
                    kind: kind.replace('ClusterUsage', 'Usage'),
                    labels: metadata(composed).labels,
                    annotations: metadata(composed).annotations,
                    forProvider,
                    initProvider: spec?.initProvider,
                  },
                ];
              }),
          );
        expect(strip('cluster')).toEqual(strip('namespaced'));
      }),
      { numRuns: 30 },
    );
  });

  it('makes the same dumps in both flavours, as they are or through provider-kubernetes', () => {
    const backup = { logical: { enabled: true, clientId: '00000000-0000-0000-0000-000000000001' } };
    const spec = {
      ...twoRegions,
      backup,
      network: { privateDnsZoneName: 'orders.private.postgres.database.azure.com' },
    };
    const [native, wrapped] = (['namespaced', 'cluster'] as const).map((of) => desired(settle(xr(of, spec)).response));
    for (const key of ['dump-cronjob', 'dump-serviceaccount']) {
      const plain = body(native?.[key] as Resource) as Json & { metadata: Json };
      const { manifest } = (body(wrapped?.[key] as Resource) as { spec: { forProvider: { manifest: Json } } }).spec
        .forProvider;
      const { name, namespace } = plain.metadata;
      expect({ ...manifest, metadata: undefined }).toEqual({ ...plain, metadata: undefined });
      expect(manifest?.metadata).toMatchObject({ name, namespace });
    }
  });

  it('gives nothing in Azure the right to delete under Orphan, and none to create to data that exists', () => {
    const policies = (composed: Resource) =>
      (body(composed).spec as { managementPolicies?: string[] } | undefined)?.managementPolicies;
    const isAzure = (composed: Resource) => String(body(composed).apiVersion).includes('azure.');
    fc.assert(
      fc.property(flavour, spec, input, fc.infiniteStream(fc.nat()), (of, wished, platform, seeds) => {
        const lasting = {
          ...wished,
          security: { ...(wished as { security?: object }).security, adminPasswordSecretRef: { name: 'pw' } },
        };
        const object = xr(of, { ...lasting, deletion: { policy: 'Orphan' } });
        const { observed } = settle(object, platform);
        const seed = seeds.next().value as number; // infinite
        for (const part of [{}, ...fc.sample(disturbed(observed), { seed, numRuns: 4 })])
          for (const [key, composed] of Object.entries(
            desired(runFunction(request(object, { observed: part, input: platform }))),
          )) {
            if (!isAzure(composed)) continue;
            expect(policies(composed)).toBeDefined();
            expect(policies(composed)).not.toContain('Delete');
            expect(policies(composed)).not.toContain('*');
            const data = ['FlexibleServer', 'Account', 'Container'].includes(String(body(composed).kind));
            if (data && key in part) expect(policies(composed)).not.toContain('Create');
          }
      }),
      { numRuns: 20 },
    );
  });

  it('never lets two Usages wait for each other', () => {
    fc.assert(
      fc.property(flavour, spec, (of, wished) => {
        const pairs = Object.values(desired(settle(xr(of, wished)).response)).flatMap((composed) => {
          const { of: used, by } = (body(composed).spec ?? {}) as {
            of?: { resourceRef: { name: string } };
            by?: { resourceRef: { name: string } };
          };
          return used && by ? [[used.resourceRef.name, by.resourceRef.name] as const] : [];
        });
        // One server with public access stands on nothing.
        const { mode } = (wished as { network?: { mode?: string } }).network ?? {};
        if (mode !== 'Public') expect(pairs.length).toBeGreaterThan(0);
        const goes = new Set<string>();
        const all = [...new Set(pairs.flat())];
        for (let round = 0; round < all.length; round++)
          for (const name of all) if (pairs.every(([used, by]) => used !== name || goes.has(by))) goes.add(name);
        expect([...goes].sort()).toEqual(all.sort());
      }),
      { numRuns: 20 },
    );
  });

  it('says no secret value in any message, condition or status', () => {
    fc.assert(
      fc.property(flavour, spec, (of, wished) => {
        const { response } = settle(xr(of, wished));
        const said = JSON.stringify([response.results, response.conditions, response.desired?.composite?.resource]);
        expect(said).not.toContain('not-a-real-password');
        expect(said).not.toContain(Buffer.from('not-a-real-password').toString('base64'));
      }),
      { numRuns: 20 },
    );
  });

  it('is quiet once settled: no events, and the same output when it is fed back', () => {
    fc.assert(
      fc.property(flavour, spec, (of, wished) => {
        const object = xr(of, wished);
        const { observed, response } = settle(object);
        const conditions = response.conditions.map(({ type, status, reason, message }) => ({
          type,
          status: STATUS[status],
          reason,
          message,
        }));
        const again = runFunction(request({ ...object, status: { conditions } }, { observed }));
        expect(again.results).toEqual([]);
        expect(
          Object.fromEntries(Object.entries(desired(again)).map(([key, value]) => [key, seen(key, value)])),
        ).toEqual(observed);
      }),
      { numRuns: 20 },
    );
  });
});

describe('for every request', () => {
  it('answers, with every condition, and is fatal rather than smaller when the XR makes no sense', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.object(),
          fc.record({
            apiVersion: fc.constant('database.platform.io/v1alpha1'),
            kind: fc.constant('XPostgreSQLDatabase'),
            spec: fc.object(),
          }),
        ),
        (nonsense) => {
          const before = { other: resource({ apiVersion: 'v1', kind: 'ConfigMap' }) };
          const response = runFunction(request(nonsense, { desired: before }));
          expect(fatal(response)).toBeDefined();
          expect(response.meta?.ttl).toEqual({ seconds: 0, nanos: 0 });
          expect(response.conditions).toHaveLength(8);
          expect(desired(response)).toEqual(before);
        },
      ),
    );
  });

  it('passes on what earlier steps desired, untouched', () => {
    fc.assert(
      fc.property(
        spec,
        fc.dictionary(fc.stringMatching(/^other-[a-z]{1,8}$/), fc.object({ maxDepth: 2 }), { maxKeys: 4 }),
        (wished, others) => {
          const before = Object.fromEntries(Object.entries(others).map(([key, value]) => [key, resource(value)]));
          const response = runFunction(request(xr('namespaced', wished), { desired: before }));
          for (const [key, value] of Object.entries(before)) expect(desired(response)[key]).toBe(value);
        },
      ),
      { numRuns: 30 },
    );
  });
});
