import fc from 'fast-check';
import { storageFor, vCores } from '../../src/azure/compute-storage.ts';
import type { ProviderFields } from '../../src/observed/observed.ts';
import { capacity } from '../../src/plan/scaling.ts';
import { fact } from '../support/observed.ts';

const SIZES = ['GP_Standard_D2ds_v5', 'GP_Standard_D4ds_v5', 'GP_Standard_D8ds_v5', 'MO_Standard_E16ds_v5'];
const GB = [32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16384, 32767];

/** A server that has got where its spec says. */
const server = (skuName: string, gb: number, at: ProviderFields = {}) => {
  const { mb, tier } = storageFor(gb);
  const fields = { skuName, storageMb: mb, storageTier: tier };
  return fact({ forProvider: fields, atProvider: { ...fields, ...at } });
};

describe('storage', () => {
  it.each([
    [128, {}, 131072, 'P10'],
    [100, {}, 131072, 'P10'],
    [4095, {}, 4193280, 'P50'],
    [32767, {}, 33553408, 'P80'],
    [128, { mb: 262144, tier: 'P15' }, 262144, 'P15'],
    [256, { mb: 131072, tier: 'P10' }, 262144, 'P15'],
    [128, { mb: 131072, tier: 'P30' }, 131072, 'P30'],
    [8192, { mb: 131072, tier: 'P50' }, 8388608, 'P60'],
    [32, { mb: 200000 }, 262144, 'P15'],
  ])('of %s GB with %j observed is %s MB in tier %s', (gb, observed, mb, tier) =>
    expect(storageFor(gb, observed)).toEqual({ mb, tier }),
  );
});

describe('vCores', () => {
  it.each([
    ['B_Standard_B2s', 2],
    ['GP_Standard_D96ads_v5', 96],
    ['MO_Standard_EC20as_v5', 20],
  ])('%s has %s', (size, cores) => expect(vCores(size)).toBe(cores));
});

describe('capacity', () => {
  const wish = (size: string, storageGB = 128, autoGrow = true) => ({ size, storageGB, autoGrow });

  it('is the wish at creation', () => {
    const { primary, replica } = capacity(wish('GP_Standard_D4ds_v5', 64), undefined, undefined);
    expect(primary).toEqual({ size: 'GP_Standard_D4ds_v5', storageMb: 65536, storageTier: 'P6', autoGrow: true });
    expect(replica).toEqual(primary);
  });

  /** Plays a change to its end: each round asks for what the plan says, then one server gets there. Returns the sizes that were asked for. */
  function play(from: string, to: string): string[] {
    const servers = { primary: server(from, 128), replica: server(from, 128) };
    const asked: string[] = [];
    for (let round = 0; round < 6; round++) {
      const plan = capacity(wish(to), servers.primary, servers.replica);
      asked.push(`${vCores(plan.primary.size)}/${vCores(plan.replica.size)}`);
      // Azure works on one server at a time, the one whose wish differs; what was asked stands in forProvider at once.
      const busy = (['primary', 'replica'] as const).find(
        (name) => plan[name].size !== servers[name].atProvider.skuName,
      );
      for (const name of ['primary', 'replica'] as const)
        servers[name] = fact({
          ...servers[name],
          forProvider: { ...servers[name].forProvider, skuName: plan[name].size },
          atProvider: {
            ...servers[name].atProvider,
            ...(busy === name && round % 2 === 1 ? { skuName: plan[name].size } : {}),
          },
        });
    }
    return asked.filter((sizes, index) => sizes !== asked[index - 1]);
  }

  it('grows the replica first, then the primary', () => {
    expect(play('GP_Standard_D4ds_v5', 'GP_Standard_D8ds_v5')).toEqual(['4/8', '8/8']);
  });

  it('shrinks the primary first, then the replica', () => {
    expect(play('GP_Standard_D4ds_v5', 'GP_Standard_D2ds_v5')).toEqual(['2/4', '2/2']);
  });

  it('waits for a replica that reports the size but is refused something', () => {
    const replica = { ...server('GP_Standard_D8ds_v5', 128), synced: false };
    expect(capacity(wish('GP_Standard_D8ds_v5'), server('GP_Standard_D4ds_v5', 128), replica).primary.size).toBe(
      'GP_Standard_D4ds_v5',
    );
  });

  it('follows storage that grew by itself on the primary, on both servers at once', () => {
    const grown = server('GP_Standard_D4ds_v5', 128, { storageMb: 262144, storageTier: 'P15' });
    const { primary, replica } = capacity(wish('GP_Standard_D4ds_v5'), grown, server('GP_Standard_D4ds_v5', 128));
    expect(primary).toMatchObject({ storageMb: 262144, storageTier: 'P15' });
    expect(replica).toMatchObject({ storageMb: 262144, storageTier: 'P15' });
  });

  it('holds a primary at its own tier while its replica is not ready for more storage', () => {
    const replica = { ...server('GP_Standard_D4ds_v5', 256), synced: false };
    const { primary } = capacity(wish('GP_Standard_D4ds_v5', 256), server('GP_Standard_D4ds_v5', 128), replica);
    expect(primary).toMatchObject({ storageMb: 131072, storageTier: 'P10' });
  });

  it('switches autogrow on at the replica first and off at the primary first', () => {
    const having = (autoGrowEnabled: boolean) => {
      const { forProvider, atProvider, ...rest } = server('GP_Standard_D4ds_v5', 128);
      return {
        ...rest,
        forProvider: { ...forProvider, autoGrowEnabled },
        atProvider: { ...atProvider, autoGrowEnabled },
      };
    };
    const asked = (on: boolean, primary: boolean, replica: boolean) => {
      const plan = capacity(wish('GP_Standard_D4ds_v5', 128, on), having(primary), having(replica));
      return [plan.primary.autoGrow, plan.replica.autoGrow];
    };
    expect(asked(true, false, false)).toEqual([false, true]);
    expect(asked(true, false, true)).toEqual([true, true]);
    expect(asked(false, true, true)).toEqual([false, true]);
    expect(asked(false, false, true)).toEqual([false, false]);
  });

  it('never asks a server for less storage than it has, nor a replica for less of anything than its primary', () => {
    const size = fc.constantFrom(...SIZES);
    const gb = fc.constantFrom(...GB);
    fc.assert(
      fc.property(
        size,
        gb,
        size,
        gb,
        gb,
        gb,
        fc.boolean(),
        (to, wishedGB, from, have, primaryAt, replicaAt, synced) => {
          const at = (value: number) => ({ storageMb: storageFor(value).mb, storageTier: storageFor(value).tier });
          const primary = server(from, have, primaryAt >= have ? at(primaryAt) : {});
          const replica = { ...server(from, have, replicaAt >= have ? at(replicaAt) : {}), synced };
          const result = capacity(wish(to, wishedGB), primary, replica);
          expect(result.primary.storageMb).toBeGreaterThanOrEqual(primary.atProvider.storageMb ?? 0);
          expect(result.replica.storageMb).toBeGreaterThanOrEqual(replica.atProvider.storageMb ?? 0);
          expect(result.replica.storageMb).toBeGreaterThanOrEqual(result.primary.storageMb);
          expect(vCores(result.replica.size)).toBeGreaterThanOrEqual(vCores(result.primary.size));
        },
      ),
    );
  });
});
