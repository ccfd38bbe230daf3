import { twoRegions } from './support/requests.ts';
import { properties, world } from './support/world.ts';

const condition = ({ engine }: ReturnType<typeof world>): string => engine.condition('BackupConfigured');

describe.each(['namespaced', 'cluster'] as const)('condition BackupConfigured through a failover, %s', (flavour) => {
  it('says what the backups of the new writer lack, and where the old ones are', () => {
    const here = world(flavour, { ...twoRegions, database: { backupRetentionDays: 21 } });
    const { engine, cluster } = here;
    expect(condition(here)).toBe('True Available: automatic backups and the backup storage are set up');
    engine.change({ failover: { activeRegion: 'secondary' }, database: { backupRetentionDays: 10 } });
    engine.settle();
    expect(condition(here)).toBe(
      'True NoGeoCopy: automatic backups and the backup storage are set up; those of secondary-server begin at its promotion, and are not copied to another region, because it was made as a replica; primary-server keeps its own for 10 days, copied to another region, until it is retired',
    );
    expect(properties(cluster, 'centralus').backupRetentionDays).toBe(10);
    expect(engine.events.filter((event) => event.startsWith('BackupConfigured NoGeoCopy'))).toHaveLength(1);
    // Lowered afterwards, the former server keeps what it had.
    engine.change({ database: { backupRetentionDays: 7 } });
    engine.settle();
    expect(properties(cluster, 'eastus2').backupRetentionDays).toBe(10);
    expect(condition(here)).toContain('primary-server keeps its own for 10 days');
    expect(properties(cluster, 'centralus').backupRetentionDays).toBe(7);
    // And back: a server of the second generation.
    engine.change({ failover: { activeRegion: 'primary', minimumIntervalMinutes: 0 } });
    engine.settle();
    expect(condition(here)).toBe(
      'True NoGeoCopy: automatic backups and the backup storage are set up; those of primary-server-2 begin at its promotion, and are not copied to another region, because it was made as a replica; primary-server keeps its own for 10 days, copied to another region, until it is retired; secondary-server keeps its own for 7 days until it is retired',
    );
  });

  it('does not miss a copy that nobody asked for', () => {
    const here = world(flavour, { ...twoRegions, database: { geoRedundantBackup: false } });
    here.engine.change({ failover: { activeRegion: 'secondary' } });
    here.engine.settle();
    expect(condition(here)).toMatch(/^True Available: .*; those of secondary-server begin at its promotion;/);
  });
});
