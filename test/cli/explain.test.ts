import { run } from '../../src/cli/run.ts';
import { example, repository } from './files.ts';

const explained = (colour: boolean, name: string, ...more: string[]): string => {
  const { status, stdout } = run(['render', example(name), '--explain', ...more], colour);
  expect(status).toBe(0);
  return stdout;
};
const everything = (name: string): string[] => [
  ...['-o', example(name, 'observed.yaml')],
  ...['--function-credentials', example(name, 'credentials.yaml')],
];
const ESCAPE = String.fromCharCode(27);

it('says for every resource whether it exists, is created, or what it waits for', () => {
  const folder = repository('test/cases/networks-half-ready/');
  const { stdout } = run(['render', `${folder}xr.yaml`, '-o', `${folder}observed.yaml`, '--explain'], false);
  const row = (key: string): string[] =>
    stdout
      .split('\n')
      .find((line) => line.startsWith(`${key} `))
      ?.split(/ {2,}/) ?? [];
  expect(row('KEY')).toEqual(['KEY', 'KIND', 'AZURE NAME', 'STATE', 'WHY']);
  expect(row('primary-vnet').slice(0, 4)).toEqual([
    'primary-vnet',
    'VirtualNetwork',
    'testmulti-vnet-eastus2-2899b91d',
    'exists',
  ]);
  expect(row('secondary-peering')[3]).toBe('created now');
  expect(row('primary-server')[3]).toBe('waits for primary-dns-link');
  expect(row('management-config').slice(1, 3)).toEqual(['ConfigMap', '-']);
});

it('says what is removed', () => {
  const folder = repository('test/cases/management-off/');
  const { stdout } = run(['render', `${folder}xr.yaml`, '-o', `${folder}observed.yaml`, '--explain'], false);
  const removed = stdout.split('\n').flatMap((line) => (/ removed {2}/.test(line) ? [line.split(' ')[0]] : []));
  expect(removed).toEqual([
    'management-config',
    'management-role',
    'management-rolebinding',
    'management-serviceaccount',
  ]);
});

it('says what the XR becomes', () => {
  const lines = explained(false, 'zone-redundant').split('\n');
  expect(lines[0]).toBe('XPostgreSQLDatabase team-b/ledger');
  expect(lines.find((line) => line.startsWith('Primary'))).toMatch(
    /swedencentral, zone 1, MO_Standard_E4ds_v5, 512 GiB, standby ZoneRedundant in zone 3$/,
  );
});

it('lists the passes with --until-ready', () => {
  const passes = explained(false, 'minimal', '--until-ready')
    .split('\n')
    .filter((line) => line.startsWith('Pass'));
  expect(passes).toEqual(['Pass 1', 'Pass 2', 'Pass 3', 'Pass 4', 'Pass 5', 'Pass 6', 'Pass 7']);
});

it('has no colour unless asked for, and then the same words', () => {
  const plain = explained(false, 'active-passive');
  const coloured = explained(true, 'active-passive');
  expect(plain).not.toContain(ESCAPE);
  expect(coloured).toContain(ESCAPE);
  expect(
    coloured
      .split(ESCAPE)
      .map((part, index) => (index === 0 ? part : part.replace(/^\[\d+m/, '')))
      .join(''),
  ).toBe(plain);
});

it.each(['minimal', 'active-passive', 'claims'])('holds no secret of %s', (name) => {
  for (const text of [explained(false, name, ...everything(name)), explained(false, name, '--until-ready')]) {
    expect(text).not.toContain('made-up-password');
    expect(text).not.toContain(Buffer.from('made-up-password').toString('base64'));
  }
});
