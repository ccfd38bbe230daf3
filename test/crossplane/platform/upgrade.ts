import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { stringify } from 'yaml';
import { repositoryRoot } from '../tools.ts';
import { waitFor } from '../wait-for.ts';
import { nothingLost } from './disturbances.ts';
import { example, named, readmeExample } from './documents.ts';
import { keyOf, type LiveObject, resourceName } from './live-object.ts';
import type { Platform } from './platform.ts';
import { claimSettled, composed, xrOfClaim, xrSettled } from './readiness.ts';

/** The one difference of the fixture: subnets without the service endpoint of Azure Storage. */
const DIFFERENCE = {
  file: 'src/resources/network.ts',
  today: "serviceEndpoints: ['Microsoft.Storage']",
  fixture: 'serviceEndpoints: []',
};

/** A checkout of the function with the one difference; what it gives is the root folder, with a trailing slash. */
function fixtureBuild(): string {
  const root = mkdtempSync(join(tmpdir(), 'fixture-'));
  for (const path of ['src', 'package.json', 'tsconfig.json'])
    cpSync(join(repositoryRoot, path), join(root, path), { recursive: true });
  symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'));
  const file = join(root, DIFFERENCE.file);
  const text = readFileSync(file, 'utf8');
  assert.equal(text.split(DIFFERENCE.today).length, 2, `${DIFFERENCE.file} has ${DIFFERENCE.today} once`);
  writeFileSync(file, text.replace(DIFFERENCE.today, DIFFERENCE.fixture));
  return `${root}/`;
}

type Identity = readonly [key: string, uid: string, resource: string];
const identities = (objects: readonly LiveObject[]): Identity[] =>
  objects.map((each) => [keyOf(each), each.metadata.uid, resourceName(each)]);

/** Lines that differ between two texts, as `diff` would mark them; for short texts whose order is the same. */
function changedLines(before: string, after: string): string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line.trim()}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line.trim()}`),
  ];
}

/** From an older build to this one with databases that live. */
export function upgradeScenarios(platform: () => Platform): void {
  it('replaces and renames nothing when the function is upgraded', { timeout: 600_000 }, async () => {
    const it = platform();
    const root = fixtureBuild();
    try {
      const old = await it.replaceFunction({ checkout: root });
      const document = named(readmeExample(), 'upgraded');
      const asked = named(example('claims/claim.yaml'), 'upgraded-claim');
      const claim = { ...asked, spec: { ...asked.spec, writeConnectionSecretToRef: { name: 'upgraded-claim' } } };
      await it.apply(document, claim);
      await xrSettled(it, 'upgraded');
      await claimSettled(it, 'upgraded-claim');
      const names = ['upgraded', await xrOfClaim(it, 'upgraded-claim')];
      const all = (): LiveObject[] => names.flatMap((name) => composed(it, name));
      const before = all();
      const begin = it.observer.changes.length;
      const sent = it.requests.length;

      await it.replaceFunction(it.source);
      await old.kill();
      // A new revision of the function makes Crossplane look at every XR; here it keeps its name.
      await it.controlPlane.restartCore();
      await waitFor('the new build to be what is applied', () =>
        all()
          .filter(({ kind }) => kind === 'Subnet')
          .every((each) => JSON.stringify(each.spec).includes('Microsoft.Storage')),
      );
      for (const name of names) await xrSettled(it, name);
      assert.deepEqual(identities(all()), identities(before));
      nothingLost(it, begin);
      for (const after of all()) {
        const earlier = before.find((each) => keyOf(each) === keyOf(after));
        const lines = changedLines(stringify(earlier?.spec ?? {}), stringify(after.spec ?? {}));
        if (lines.length > 0) console.log(`${keyOf(after)}: ${lines.join(' ')}`);
        else continue;
        assert.equal(after.kind, 'Subnet', 'only what differs between the builds has changed');
      }
      const requests = it.requests
        .slice(sent)
        .map(({ method, id }) => `${method} ${id.split('/').slice(-4).join('/')}`);
      console.log(`sent to Azure by the upgrade: ${requests.join(', ')}`);
      assert.ok(requests.every((line) => /\/subnets\//.test(line)));
      await it.controlPlane.kubectl([
        'delete',
        'xpg',
        'upgraded',
        '-n',
        document.metadata.namespace ?? '',
        '--timeout=240s',
      ]);
      const resource = 'postgresqldatabases.claims.database.platform.io';
      await it.controlPlane.kubectl([
        'delete',
        resource,
        'upgraded-claim',
        '-n',
        claim.metadata.namespace ?? '',
        '--timeout=240s',
      ]);
      await waitFor('them to be gone', () => all().length === 0, { deadlineMs: 240_000 });
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
}
