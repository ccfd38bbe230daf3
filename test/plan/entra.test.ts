import { read } from '../../src/api/door.ts';
import { entra } from '../../src/plan/entra.ts';
import { plan } from '../../src/plan/plan.ts';
import type { ServerPlan } from '../../src/plan/types.ts';
import { fact, facts } from '../support/observed.ts';
import { oneRegion, xr } from '../support/requests.ts';

const tenantId = '00000000-0000-0000-0000-00000000000a';
const dba = { objectId: '00000000-0000-0000-0000-0000000000b1', principalName: 'dba', principalType: 'Group' };
const key = `primary-server-admin-${dba.objectId}`;

function planned(administrators: readonly object[], observed = facts({}), role = 'Primary') {
  const reading = read(
    xr('namespaced', { ...oneRegion, security: { entra: { tenantId, administrators } } }),
    undefined,
  );
  if (!('database' in reading)) throw new Error('the spec is valid');
  // A role that a server gets with failover: it has lost the writer's role and may not be fenced yet.
  const servers = plan(reading.database, observed, 0).servers.map((server) => ({
    ...server,
    role: role as ServerPlan['role'],
  }));
  return entra(reading.database, observed, servers);
}

const authentication = { activeDirectoryAuthEnabled: true, passwordAuthEnabled: true, tenantId };

describe('Entra logins', () => {
  it('wait until the server takes them', () => {
    expect(planned([dba]).administrators[0]).toMatchObject({ key, until: ['primary-server'] });
    const on = facts({ 'primary-server': fact({ atProvider: { authentication } }) });
    expect(planned([dba], on).administrators[0]).toMatchObject({ key, until: [] });
  });

  it('of a server that is to be left alone stay as they are: nothing new, and nothing goes', () => {
    const before = { activeDirectoryAuthEnabled: true, passwordAuthEnabled: false, tenantId };
    const other = { ...dba, objectId: '00000000-0000-0000-0000-0000000000b2', principalName: 'other' };
    const observed = facts({
      'primary-server': fact({ forProvider: { authentication: before, administratorLogin: 'psqladmin' } }),
      [key]: fact({ kind: 'FlexibleServerActiveDirectoryAdministrator', forProvider: { ...dba, tenantId } }),
    });
    const { administrators, authentication: kept } = planned([other], observed, 'Former');
    expect(administrators.map(({ key, principalName }) => [key, principalName])).toEqual([[key, 'dba']]);
    expect(kept).toEqual({ 'primary-server': before });
  });
});
