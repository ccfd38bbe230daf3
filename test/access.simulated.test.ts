import { oneRegion, twoRegions } from './support/requests.ts';
import { properties, serverId, troubled, type World, world } from './support/world.ts';

const guid = (last: number): string => `00000000-0000-0000-0000-00000000000${last}`;
const principal = (last: number, principalName = `dba-${last}`) => ({
  objectId: guid(last),
  principalName,
  principalType: 'Group',
});
const entra = (administrators: readonly object[], more: object = {}) => ({
  security: { entra: { tenantId: guid(0), administrators, ...more } },
});

/** Administrators in Azure, as region and name. */
const administrators = ({ cluster }: World): string[] =>
  Object.values(cluster.state.resources)
    .filter(({ type }) => type.endsWith('/administrators'))
    .map(({ id, properties }) => `${/orders-([a-z0-9]+)-/.exec(id)?.[1]} ${String(properties.principalName)}`)
    .sort();

const secret = ({ cluster }: World): Record<string, string> | undefined =>
  cluster.secrets()['team-a/orders-connection'];

const locked = ({ cluster }: World): string[] =>
  Object.values(cluster.state.resources)
    .filter(({ type }) => type === 'Microsoft.Authorization/locks')
    .map(({ id }) => /orders-([a-z0-9]+)-/.exec(id)?.[1] ?? id)
    .sort();

describe.each(['namespaced', 'cluster'] as const)('Entra logins on the simulated Azure, %s', (flavour) => {
  it('are there on every server, and stay quiet', () => {
    const here = world(flavour, { ...twoRegions, ...entra([principal(1), principal(2)]) });
    expect(administrators(here)).toEqual(['centralus dba-1', 'centralus dba-2', 'eastus2 dba-1', 'eastus2 dba-2']);
    for (const region of ['eastus2', 'centralus'])
      expect(properties(here.cluster, region).authentication).toEqual({
        activeDirectoryAuthEnabled: true,
        passwordAuthEnabled: true,
        tenantId: guid(0),
      });
    expect(here.engine.condition('AccessReady')).toBe(
      'True Available: the administrators and locks are set up on every server',
    );
    here.engine.reconcile();
    here.cluster.advance(3600);
    expect(here.cluster.requests).toEqual([]);
    expect(troubled(here)).toEqual([]);
  });

  it('come later, change and go', () => {
    const here = world(flavour, twoRegions);
    const { engine, cluster } = here;
    engine.change(entra([principal(1), principal(2)]));
    engine.settle();
    expect(administrators(here)).toHaveLength(4);
    // Authentication first, so that Azure refuses no administrator for want of it.
    expect(cluster.requests.filter(({ outcome }) => !outcome.ok)).toEqual([]);
    engine.change(entra([principal(2), principal(3)]));
    engine.settle();
    expect(administrators(here)).toEqual(['centralus dba-2', 'centralus dba-3', 'eastus2 dba-2', 'eastus2 dba-3']);
    engine.change({ security: {} });
    engine.settle();
    expect(administrators(here)).toEqual([]);
    expect(properties(cluster, 'eastus2').authentication).toMatchObject({
      activeDirectoryAuthEnabled: false,
      passwordAuthEnabled: true,
    });
    expect(engine.condition('AccessReady')).toBe('True NotRequested: nothing of this is asked for');
    expect(troubled(here)).toEqual([]);
    expect(engine.deleted.filter((key) => !key.includes('-admin-'))).toEqual([]);
  });

  it('can be the only ones from the beginning: no login, no password, connection details without them', () => {
    const here = world(flavour, { ...twoRegions, ...entra([principal(1)], { passwordAuthentication: false }) });
    expect(properties(here.cluster, 'eastus2')).toMatchObject({ authentication: { passwordAuthEnabled: false } });
    expect(properties(here.cluster, 'eastus2').administratorLogin).toBeUndefined();
    expect(here.engine.object('admin-password')).toBeUndefined();
    if (flavour === 'namespaced')
      expect(Object.keys(secret(here) ?? {}).sort()).toEqual([
        'database',
        'host',
        'port',
        'readHost',
        'sslmode',
        'uri',
      ]);
    here.engine.change(entra([principal(1)]));
    here.engine.settle();
    expect(here.engine.refusals.at(-1)).toBe(
      'spec.security.entra.passwordAuthentication: cannot be switched on later, because the server was created without an administrator login; create another XPostgreSQLDatabase and move the data',
    );
  });

  it('can become the only ones, and passwords can come back', () => {
    const here = world(flavour, { ...oneRegion, ...entra([principal(1)]) });
    const { engine, cluster } = here;
    engine.change(entra([principal(1)], { passwordAuthentication: false }));
    engine.settle();
    expect(properties(cluster, 'eastus2')).toMatchObject({ authentication: { passwordAuthEnabled: false } });
    expect(engine.object('admin-password')).toBeDefined();
    if (flavour === 'namespaced') expect(secret(here)?.password).toBeUndefined();
    engine.change(entra([principal(1)]));
    engine.settle();
    expect(properties(cluster, 'eastus2')).toMatchObject({ authentication: { passwordAuthEnabled: true } });
    if (flavour === 'namespaced') expect(secret(here)?.password).toMatch(/^[A-Za-z0-9]{27}$/);
    expect(troubled(here)).toEqual([]);
    expect(engine.deleted).toEqual([]);
  });

  it('refuses to rename an administrator, because Azure would have to replace it', () => {
    const { engine } = world(flavour, { ...oneRegion, ...entra([principal(1)]) });
    engine.change(entra([principal(1, 'dba-renamed')]));
    engine.reconcile();
    expect(engine.refusals).toEqual([
      `spec.security.entra.administrators: "${guid(1)}" cannot change from Group "dba-1", because Azure cannot rename an administrator; remove the entry, and add it again once it is gone`,
    ]);
  });
});

describe.each(['namespaced', 'cluster'] as const)('locks on the simulated Azure, %s', (flavour) => {
  const lock = (more: object = {}) => ({ security: { lock: 'CanNotDelete', ...more } });

  it('come and go, one on each server and nowhere else', () => {
    const here = world(flavour, twoRegions);
    const { engine, cluster } = here;
    engine.change(lock());
    engine.settle();
    expect(locked(here)).toEqual(['centralus', 'eastus2']);
    expect(engine.condition('AccessReady')).toMatch(/^True Available/);
    // The name that Azure gave is kept, so a provider that starts anew creates nothing again.
    cluster.forgetRequests();
    cluster.restartProvider();
    engine.reconcile();
    cluster.advance(3600);
    expect(cluster.requests).toEqual([]);
    engine.change({ security: { lock: 'None' } });
    engine.settle();
    expect(locked(here)).toEqual([]);
    expect([...engine.deleted].sort()).toEqual(['primary-server-lock', 'secondary-server-lock']);
    expect(troubled(here)).toEqual([]);
  });

  it('let servers grow and fail over', () => {
    const here = world(flavour, { ...oneRegion, ...lock(), highAvailability: { mode: 'ZoneRedundant' } });
    here.cluster.happen({ what: 'failover', id: serverId(here.cluster, 'eastus2') });
    here.engine.change({ database: { storageGB: 256 } });
    here.engine.settle();
    expect(properties(here.cluster, 'eastus2')).toMatchObject({ storageMb: 262144, zone: '2' });
    expect(troubled(here)).toEqual([]);
  });

  it('refuse the removal of an administrator, which Azure would refuse for ever, until they go', () => {
    const here = world(flavour, {
      ...oneRegion,
      ...lock({ entra: entra([principal(1), principal(2)]).security.entra }),
    });
    here.engine.change(lock({ entra: entra([principal(1)]).security.entra }));
    here.engine.reconcile();
    expect(here.engine.refusals).toEqual([
      `spec.security.entra.administrators: "${guid(2)}" cannot be removed while spec.security.lock is CanNotDelete, because the lock covers what belongs to the server; set spec.security.lock to None`,
    ]);
    here.engine.change(entra([principal(1)]));
    here.engine.settle();
    expect(administrators(here)).toEqual(['eastus2 dba-1']);
    expect(locked(here)).toEqual([]);
    expect(troubled(here)).toEqual([]);
  });
});

describe.each(['namespaced', 'cluster'] as const)('keys of the user on the simulated Azure, %s', (flavour) => {
  const key = (name: string) => ({
    keyVaultKeyId: `https://${name}.vault.azure.net/keys/postgresql`,
    userAssignedIdentityId: `/subscriptions/${guid(0)}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
  });
  const keys = { primary: key('one'), geoBackup: key('two') };

  it('reach the servers, that of a region which comes later too, and stay', () => {
    const here = world(flavour, { ...oneRegion, security: { encryption: keys } });
    const { engine, cluster } = here;
    engine.change({ ...twoRegions, security: { encryption: { ...keys, secondary: key('three') } } });
    engine.settle();
    expect(properties(cluster, 'eastus2')).toMatchObject({
      identity: { identityIds: [key('one').userAssignedIdentityId, key('two').userAssignedIdentityId] },
      customerManagedKey: {
        keyVaultKeyId: key('one').keyVaultKeyId,
        geoBackupKeyVaultKeyId: key('two').keyVaultKeyId,
      },
    });
    expect(properties(cluster, 'centralus')).toMatchObject({
      identity: { identityIds: [key('three').userAssignedIdentityId] },
      customerManagedKey: { keyVaultKeyId: key('three').keyVaultKeyId },
    });
    expect(engine.condition('ReplicaReady')).toMatch(/^True Available/);
    expect(troubled(here)).toEqual([]);
    expect(engine.refusals).toEqual([]);
  });

  it('cannot come later', () => {
    const { engine } = world(flavour, oneRegion);
    engine.change({ security: { encryption: keys } });
    engine.reconcile();
    expect(engine.refusals).toEqual([
      'spec.security.encryption: cannot change, because Azure decides the keys when it creates a server; make a new version of the key in its vault instead',
    ]);
  });
});
