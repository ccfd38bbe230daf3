import assert from 'node:assert/strict';
import { it } from 'node:test';
import { waitFor } from '../wait-for.ts';
import { example, named } from './documents.ts';
import { isTrue } from './live-object.ts';
import { claim, type Platform, xr } from './platform.ts';
import { claimSettled, composed, xrOfClaim, xrSettled } from './readiness.ts';

const CLAIMS = 'postgresqldatabases.claims.database.platform.io';
const XRS = 'xpostgresqldatabases.claims.database.platform.io';

const spec = { deletion: { protection: true } };

/** Waits until the Usages that lock the objects which people delete are in force: `count` of them. */
const locked = (platform: Platform, composite: string, count: number): Promise<boolean> =>
  waitFor(`${composite} to be locked`, () => {
    const usages = composed(platform, composite).filter(({ metadata }) => metadata.name.includes('protection'));
    return usages.length === count && usages.every((each) => isTrue(each, 'Ready'));
  });

const unlocked = (platform: Platform, composite: string): Promise<boolean> =>
  waitFor(`${composite} to be unlocked`, () =>
    composed(platform, composite).every(({ metadata }) => !metadata.name.includes('protection')),
  );

const refused = (platform: Platform, args: readonly string[], sentence: RegExp): Promise<void> =>
  assert.rejects(platform.controlPlane.kubectl(['delete', ...args, '--wait=false']), sentence);

/** Deletes what is no longer locked. Crossplane's webhook reads a cache, which may still know the Usage for a moment. */
const taken = (platform: Platform, args: readonly string[]): Promise<string> =>
  waitFor(`the deletion of ${args.join(' ')} to be taken`, () =>
    platform.controlPlane.kubectl(['delete', ...args, '--timeout=120s']),
  );

/** `spec.deletion.protection`, on the real API server with Crossplane's webhook. */
export function protectionScenarios(platform: () => Platform): void {
  it('refuses to delete a protected XR until its field is lifted', { timeout: 240_000 }, async () => {
    const it = platform();
    const document = named(example('minimal/xr.yaml'), 'locked');
    const { name, namespace = '' } = document.metadata;
    await it.apply({ ...document, spec: { ...document.spec, ...spec } });
    await xrSettled(it, name);
    await locked(it, name, 1);
    const args = ['xpg', name, '-n', namespace];
    await refused(it, args, /with reason: "spec\.deletion\.protection is true; set it to false before you delete"/);
    assert.equal(xr(it.observer, name)?.metadata.deletionTimestamp, undefined);
    const lift = '{"spec":{"deletion":{"protection":false}}}';
    await it.controlPlane.kubectl(['patch', ...args, '--type=merge', '-p', lift]);
    await unlocked(it, name);
    assert.ok(xr(it.observer, name), 'the deletion that was refused is not carried out afterwards');
    await taken(it, args);
    await waitFor(`${name} to be gone`, () => composed(it, name).length === 0, { deadlineMs: 120_000 });
  });

  it('refuses to delete a protected claim and its XR until the field is lifted', { timeout: 240_000 }, async () => {
    const it = platform();
    const document = named(example('claims/claim.yaml'), 'locked-claim');
    const { name, namespace = '' } = document.metadata;
    await it.apply({ ...document, spec: { ...document.spec, ...spec } });
    const composite = await xrOfClaim(it, name);
    await claimSettled(it, name);
    await locked(it, composite, 2);
    await refused(it, [CLAIMS, name, '-n', namespace], /with reason: "spec\.deletion\.protection is true; set it to/);
    await refused(
      it,
      [XRS, composite],
      /with reason: "spec\.deletion\.protection of PostgreSQLDatabase team-a\/locked-claim is true; set it to false/,
    );
    assert.equal(claim(it.observer, name)?.metadata.deletionTimestamp, undefined);
    const lift = '{"spec":{"deletion":{"protection":false}}}';
    await it.controlPlane.kubectl(['patch', CLAIMS, name, '-n', namespace, '--type=merge', '-p', lift]);
    await unlocked(it, composite);
    await taken(it, [CLAIMS, name, '-n', namespace]);
    await waitFor(`${composite} to be gone`, () => xr(it.observer, composite) === undefined, { deadlineMs: 120_000 });
    await waitFor(`${composite} to leave nothing`, () => composed(it, composite).length === 0, { deadlineMs: 120_000 });
  });
}
