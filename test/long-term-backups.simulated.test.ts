import { read } from '../src/api/door.ts';
import { plan } from '../src/plan/plan.ts';
import { fact, facts } from './support/observed.ts';
import { twoRegions, xr } from './support/requests.ts';
import { serverId, troubled, type World, world } from './support/world.ts';

const mine = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'mine', namespace: 'team-a' },
  data: { password: Buffer.from('Not-A-Real-Password-1').toString('base64') },
};
const asked = {
  ...twoRegions,
  security: { adminPasswordSecretRef: { name: 'mine' } },
  deletion: { policy: 'Orphan' },
  backup: { longTerm: {} },
};

/** Azure names of the servers that a vault backs up, in the order of their being added. */
const vaulted = ({ cluster }: World): string[] =>
  Object.values(cluster.state.resources).flatMap(({ id }) => id.split('/backupInstances/')[1] ?? []);
const told = ({ engine }: World) =>
  (engine.status.backup as { longTerm: { server: string; message: string }[] }).longTerm;
const name = ({ cluster }: World, region: string): string => serverId(cluster, region).split('/').at(-1) ?? '';

describe.each(['namespaced', 'cluster'] as const)('long-term backups on the simulated Azure, %s', (flavour) => {
  it('are of the writer alone, and nothing is asked of Azure before it can be had', () => {
    const here = world(flavour, asked, mine);
    const { engine, cluster } = here;
    engine.settle();
    expect(vaulted(here)).toEqual([name(here, 'eastus2')]);
    expect(told(here)).toEqual([
      {
        server: name(here, 'eastus2'),
        vault: expect.stringMatching(/^orders-vault-eastus2-/),
        protectionState: 'ProtectionConfigured',
        message: 'set up',
      },
    ]);
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
    expect(engine.condition('BackupConfigured')).toBe(
      'True Available: automatic backups and the backup storage are set up; a backup goes into a vault every week',
    );
    expect(troubled(here)).toEqual([]);
  });

  it('follow the writer through a failover and back, and stay in Azure when a server is retired', () => {
    const here = world(flavour, asked, mine);
    const { engine } = here;
    const first = name(here, 'eastus2');
    engine.change({ failover: { activeRegion: 'secondary' } });
    engine.settle();
    const second = name(here, 'centralus');
    expect(engine.condition('FailoverInProgress')).toMatch(/^False Stable/);
    expect(vaulted(here)).toEqual([first, second]);
    expect(told(here).map(({ server }) => server)).toEqual([first, second]);
    engine.change({ failover: { activeRegion: 'secondary', retire: [first] } });
    engine.settle();
    expect(engine.refusals).toEqual([]);
    const position = engine.deleted.indexOf('primary-server');
    expect(position).toBeGreaterThan(-1);
    expect(engine.deleted.slice(0, position)).toEqual(
      expect.arrayContaining(['primary-server-long-term-backup', 'primary-server-long-term-role']),
    );
    expect(vaulted(here)).toEqual([first, second]);
    expect(told(here).map(({ server }) => server)).toEqual([second]);
    engine.change({ failover: { activeRegion: 'primary', minimumIntervalMinutes: 0 } });
    engine.settle();
    expect(engine.status.activeRegion).toBe('eastus2');
    expect(told(here).map(({ server }) => server)).toEqual([expect.stringMatching(/-g2-/), second]);
    expect(engine.condition('BackupConfigured')).toMatch(/^True NoGeoCopy/);
    expect(troubled(here)).toEqual([]);
  });

  it('cannot be switched off or changed', () => {
    const here = world(flavour, asked, mine);
    const { engine } = here;
    engine.settle();
    const count = (): number => vaulted(here).length;
    for (const [longTerm, sentence] of [
      [undefined, 'spec.backup.longTerm.enabled: cannot be switched off, because the vaults hold backups; keep it on'],
      [
        { enabled: true, retentionMonths: 24 },
        'spec.backup.longTerm: retentionMonths, dayOfWeek and hour cannot change, because Azure cannot change a policy of a vault',
      ],
      [
        { enabled: true, redundancy: 'LocallyRedundant' },
        'spec.backup.longTerm.redundancy: cannot change, because Azure would have to create another vault',
      ],
    ] as const) {
      engine.change({ backup: { longTerm } });
      engine.reconcile();
      expect(engine.refusals.at(-1)).toBe(sentence);
    }
    expect(count()).toBe(1);
    expect(engine.deleted).toEqual([]);
  });
});

describe('a server is added to its vault', () => {
  const BORN = '2026-01-01T00:00:00Z';
  const ready = {
    kind: 'RoleAssignment',
    conditions: [{ type: 'Ready', status: 'True', reason: '', message: '', lastTransitionTime: BORN }],
  };
  const until = (minutes: number): readonly string[] | undefined => {
    const reading = read(xr('namespaced', asked), undefined);
    if ('problems' in reading) throw new Error(JSON.stringify(reading.problems));
    const observed = facts({
      'primary-server-long-term-role': fact(ready),
      'primary-backup-vault-reader': fact(ready),
    });
    const { longTerm } = plan(reading.database, observed, Date.parse(BORN) + minutes * 60_000);
    return longTerm?.instances[0]?.until;
  };

  it('ten minutes after the roles were assigned', () => {
    expect(until(9)).toEqual(['primary-server-long-term-role', 'primary-backup-vault-reader']);
    expect(until(10)).toEqual([]);
  });
});
