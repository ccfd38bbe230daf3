import { parse } from 'yaml';
import { run } from '../../src/cli/run.ts';
import { example, repository } from './files.ts';

const exportOf = (folder: string) =>
  run(
    [
      'render',
      `${folder}xr.yaml`,
      '-o',
      `${folder}observed.yaml`,
      '--function-credentials',
      `${folder}credentials.yaml`,
      '--export',
    ],
    false,
  );

it('says what another control plane needs, as a patch of the same spec', () => {
  const { status, stdout } = exportOf(repository('test/cases/adopt-taken-over/'));
  expect(status).toBe(0);
  expect(parse(stdout)).toEqual({
    spec: {
      security: { adminPasswordSecretRef: { name: 'mine', key: 'password' } },
      failover: { activeRegion: 'secondary' },
      adopt: {
        servers: [
          { region: 'primary', externalName: 'orders-eastus2-b0b0bea5', generation: 1, role: 'Former' },
          { region: 'primary', externalName: 'orders-eastus2-g2-657be446', generation: 2, role: 'Replica' },
          { region: 'secondary', externalName: 'orders-centralus-84499b05', generation: 1, role: 'Primary' },
        ],
      },
    },
  });
});

it('says that a generated password has to be copied', () => {
  const { stdout } = exportOf(example('minimal', ''));
  expect(stdout).toContain('# The password is generated here: copy it into a Secret there before this cluster is lost');
  expect(parse(stdout).spec).toMatchObject({ security: { adminPasswordSecretRef: { key: 'password' } } });
  expect(parse(stdout).spec.failover).toBeUndefined();
});

it('exports nothing before it is known which server takes writes', () => {
  const { status, stdout, stderr } = exportOf(repository('test/cases/adopt-waiting/'));
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^spec.adopt: nothing can be exported before the servers are taken over: there is no server/);
});
