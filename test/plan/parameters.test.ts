import { read } from '../../src/api/door.ts';
import { azureValue, restartsServer, sameValue } from '../../src/azure/server-parameters.ts';
import type { Phase } from '../../src/failover/types.ts';
import { parameters } from '../../src/plan/parameters.ts';
import { plan } from '../../src/plan/plan.ts';
import type { ServerPlan } from '../../src/plan/types.ts';
import { fact, facts } from '../support/observed.ts';
import { oneRegion, xr } from '../support/requests.ts';

function planned(
  asked: object,
  resources: Parameters<typeof facts>[0],
  role = 'Primary',
  announced: string[] = [],
  retiring = false,
  phase: Phase = 'Stable',
) {
  const reading = read(xr('namespaced', { ...oneRegion, parameters: asked }), undefined);
  if (!('database' in reading)) throw new Error('the spec is valid');
  const observed = { ...facts(resources), announcedRestarts: new Set(announced) };
  // A role that a server gets with failover: it has lost the writer's role and may not be fenced yet.
  const servers = plan(reading.database, observed, 0).servers.map((server) => ({
    ...server,
    role: role as ServerPlan['role'],
    retiring,
  }));
  const { settings, pending } = parameters(reading.database, observed, servers, { phase });
  return { values: Object.fromEntries(settings.map(({ name, value }) => [name, value])), pending };
}

const server = fact({ atProvider: { id: '/server' } });
const parameter = (name: string, asked: string | undefined, reported: string | undefined, more: object = {}) =>
  fact({
    kind: 'FlexibleServerConfiguration',
    forProvider: { name, value: asked },
    atProvider: { name, value: reported },
    ...more,
  });
const key = (name: string): string => `primary-server-parameter-${name.replaceAll('_', '-')}`;

describe('a parameter', () => {
  it('is read before it is written', () => {
    expect(planned({ work_mem: '8192' }, { 'primary-server': server })).toEqual({
      values: { work_mem: undefined },
      pending: [{ server: 'primary-server', name: 'work_mem', restart: undefined }],
    });
    const seen = { 'primary-server': server, [key('work_mem')]: parameter('work_mem', undefined, '4096') };
    expect(planned({ work_mem: '8192' }, seen).values).toEqual({ work_mem: '8192' });
  });

  it('takes the spelling of Azure where that says the same', () => {
    const seen = {
      'primary-server': server,
      [key('search_path')]: parameter('search_path', undefined, 'public'),
      'primary-server-parameter-pgaudit--log': parameter('pgaudit.log', 'ddl,write', 'WRITE,DDL'),
    };
    expect(planned({ 'pgaudit.log': 'write, ddl' }, seen)).toEqual({
      values: { 'pgaudit.log': 'WRITE,DDL' },
      pending: [],
    });
  });

  it('waits for another that is on its way, and for a server that is not ready', () => {
    const seen = {
      [key('deadlock_timeout')]: parameter('deadlock_timeout', '2000', '1000'),
      [key('work_mem')]: parameter('work_mem', '4096', '4096'),
    };
    const wish = { deadlock_timeout: '2000', work_mem: '8192' };
    expect(planned(wish, { 'primary-server': server, ...seen }).values).toEqual({
      deadlock_timeout: '2000',
      work_mem: '4096',
    });
    seen[key('deadlock_timeout')] = parameter('deadlock_timeout', '2000', '2000');
    expect(planned(wish, { 'primary-server': server, ...seen }).values).toMatchObject({ work_mem: '8192' });
    const busy = fact({ atProvider: { id: '/server' }, synced: false });
    expect(planned(wish, { 'primary-server': busy, ...seen }).values).toMatchObject({ work_mem: '4096' });
  });

  it('that is on its way gets no other value while writes move', () => {
    const seen = { 'primary-server': server, [key('work_mem')]: parameter('work_mem', '8192', '4096') };
    expect(planned({ work_mem: '16384' }, seen, 'Primary', [], false, 'Fencing').values).toEqual({ work_mem: '8192' });
    expect(planned({ work_mem: '16384' }, seen).values).toEqual({ work_mem: '16384' });
  });

  it('that is on its way gets no other value before its restart is told again, where the status was lost', () => {
    const seen = { 'primary-server': server, [key('max_connections')]: parameter('max_connections', '500', '1000') };
    const wish = { max_connections: '800' };
    expect(planned(wish, seen).values).toEqual({ max_connections: '500' });
    const told = ['primary-server: max_connections'];
    expect(planned(wish, seen, 'Primary', told).values).toEqual({ max_connections: '800' });
  });

  it('does not begin beside another, nor untold, because the provider cannot see it', () => {
    const unseen = (name: string, asked: string, reported: string) =>
      parameter(name, asked, reported, { synced: false });
    const seen = {
      'primary-server': server,
      [key('max_connections')]: unseen('max_connections', '500', '1000'),
      [key('deadlock_timeout')]: unseen('deadlock_timeout', '1000', '1000'),
      [key('wal_level')]: unseen('wal_level', 'replica', 'replica'),
    };
    const wish = { max_connections: '500', deadlock_timeout: '2000', wal_level: 'logical' };
    expect(planned(wish, seen).values).toEqual({
      max_connections: '500',
      deadlock_timeout: '1000',
      wal_level: 'replica',
    });
    const { [key('max_connections')]: _, [key('deadlock_timeout')]: __, ...alone } = seen;
    expect(planned({ wal_level: 'logical' }, alone).values).toEqual({ wal_level: 'replica' });
  });

  it('waits until its restart has been told', () => {
    const seen = { 'primary-server': server, [key('wal_level')]: parameter('wal_level', 'replica', 'replica') };
    const wish = { wal_level: 'logical' };
    const told = [{ server: 'primary-server', name: 'wal_level', restart: 'primary-server: wal_level' }];
    expect(planned(wish, seen)).toEqual({ values: { wal_level: 'replica' }, pending: told });
    expect(planned(wish, seen, 'Primary', ['primary-server: wal_level'])).toEqual({
      values: { wal_level: 'logical' },
      pending: told,
    });
  });

  it('is only read on a server that is to be left alone: nothing new, nothing is sent, nothing goes', () => {
    const seen = {
      'primary-server': server,
      [key('work_mem')]: parameter('work_mem', '4096', '4096'),
      [key('deadlock_timeout')]: parameter('deadlock_timeout', '2000', '2000'),
    };
    expect(planned({ work_mem: '8192', lock_timeout: '5' }, seen, 'Former')).toEqual({
      values: { work_mem: undefined, deadlock_timeout: undefined },
      pending: [],
    });
    // One that could not be sent in time would be sent when the server answers again, before its fence.
    seen[key('work_mem')] = parameter('work_mem', '8192', '4096', { ready: false });
    expect(planned({ work_mem: '8192' }, seen, 'Former').values.work_mem).toBeUndefined();
  });

  it('is no longer set, and then no longer there, on a server that goes: nobody resets it', () => {
    const seen = (policies: string[]) => ({
      'primary-server': server,
      [key('work_mem')]: parameter('work_mem', '8192', '8192', { policies }),
    });
    const all = ['Observe', 'Create', 'Update', 'Delete'];
    expect(planned({ work_mem: '8192' }, seen(all), 'Former', [], true).values).toEqual({ work_mem: undefined });
    expect(planned({ work_mem: '8192' }, seen(['Observe']), 'Former', [], true).values).toEqual({});
    // Under spec.deletion.policy Orphan it has no policy with which it could be reset.
    expect(planned({ work_mem: '8192' }, seen(all.slice(0, 3)), 'Former', [], true).values).toEqual({});
  });
});

describe('a value', () => {
  it.each([
    ['log_lock_waits', 'TRUE', 'on'],
    ['pgbouncer.enabled', 'on', 'true'],
    ['work_mem', ' 008192 ', '8192'],
    ['random_page_cost', '1.10', '1.1'],
    ['azure.extensions', 'b , a,a', 'a,b'],
    ['some.thing', ' As Is ', 'As Is'],
  ])('of %s is written as Azure reports it: %s as %s', (name, value, expected) => {
    expect(azureValue(name, value)).toBe(expected);
  });

  it('of a list says the same in capitals, and of nothing else', () => {
    expect(sameValue('azure.extensions', 'a,b', 'B,A')).toBe(true);
    expect(sameValue('search_path', 'a', 'A')).toBe(false);
  });
});

it('restarts are assumed of parameters that are not known', () => {
  expect(['max_connections', 'work_mem', 'some.thing'].map(restartsServer)).toEqual([true, false, true]);
});
