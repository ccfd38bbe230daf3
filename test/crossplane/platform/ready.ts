import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { waitFor } from '../wait-for.ts';
import { example, readmeExample } from './documents.ts';
import { conditionOf, isTrue, type LiveObject, resourceName } from './live-object.ts';
import { difference, measure, tell } from './measures.ts';
import type { Platform } from './platform.ts';
import { claimSettled, composed, xrOfClaim, xrSettled } from './readiness.ts';

const CONNECTION_KEYS = ['database', 'host', 'password', 'port', 'readHost', 'sslmode', 'uri', 'username'];

const decoded = ({ data = {} }: LiveObject): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));

/** Values that belong together, and to the servers that the simulated Azure has. */
function checkConnection({ azure }: Platform, secret: LiveObject, status: LiveObject['status']): void {
  const values = decoded(secret);
  assert.deepEqual(Object.keys(values).sort(), CONNECTION_KEYS);
  const { host = '', readHost = '', username = '', password = '', uri = '', port, database, sslmode } = values;
  const url = new URL(uri);
  assert.deepEqual(
    [url.protocol, url.hostname, url.port, url.pathname, url.searchParams.get('sslmode')],
    ['postgresql:', host, port, `/${database}`, sslmode],
  );
  assert.deepEqual([decodeURIComponent(url.username), decodeURIComponent(url.password)], [username, password]);
  assert.doesNotMatch(username, /@/);
  assert.ok(password.length >= 8);
  // The names lead to servers: records of the zone whose targets are what Azure calls the servers.
  const zone = String(status?.dnsZoneName);
  for (const name of [host, readHost]) {
    assert.ok(name.endsWith(`.${zone}`), `${name} is in zone ${zone}`);
    const label = name.slice(0, -zone.length - 1);
    const record = Object.values(azure.state.resources).find((each) =>
      each.id.endsWith(`/privateDnsZones/${zone}/CNAME/${label}`),
    );
    assert.ok(record, `Azure has a record for ${name}`);
    const target = String(record.properties.record);
    const server = Object.values(azure.state.resources).find((each) =>
      each.id.endsWith(`/flexibleServers/${target.split('.')[0]}`),
    );
    assert.ok(server, `the target ${target} of ${name} is a server`);
    assert.equal(server.properties.administratorLogin, username);
  }
}

/**
 * The events that Crossplane recorded of one object: type, reason and message. From its log, because `kubectl get events` shows only some:
 * client-go takes 25 of one object at once and then one in five minutes, and those of the composed resources come first.
 */
export function eventsOf({ controlPlane }: Platform, name: string): string[] {
  const log = readFileSync(join(controlPlane.logsDir, 'crossplane-core.log'), 'utf8');
  const recorded = /Event\(v1\.ObjectReference\{.*? Name:"([^"]*)".*?\}\): type: '(\w+)' reason: '(\w+)' (.*)/g;
  return [...log.matchAll(recorded)].flatMap(([, of, ...event]) => (of === name ? [event.join(' ')] : []));
}

/** What Azure refused among the requests since number `begin`: the order of creation is ours to get right. */
const refusedSince = ({ requests }: Platform, begin: number): string[] =>
  requests
    .slice(begin)
    .flatMap(({ method, id, outcome }) => (outcome.ok ? [] : [`${method} ${id}: ${outcome.message}`]));

/** The README's example and a claim, from nothing to Ready. Leaves both in place. */
export function readyScenarios(platform: () => Platform): void {
  it("makes the README's example Ready", { timeout: 600_000 }, async () => {
    const it = platform();
    const document = readmeExample();
    const { name } = document.metadata;
    const before = await measure(it);
    const begin = it.requests.length;
    await it.apply(document);
    const seconds = await xrSettled(it, name);
    console.log(`XR ${name}: ${seconds.toFixed(1)} s; ${tell(difference(before, await measure(it)))}`);

    assert.deepEqual(refusedSince(it, begin), []);

    // Applications can write long before the replica is there.
    const history = it.observer.changes.map(({ object }) => object).filter((each) => each.metadata.name === name);
    const first = history.find((each) => each.kind === 'XPostgreSQLDatabase' && isTrue(each, 'Ready'));
    assert.equal(conditionOf(first, 'ReplicaReady')?.status, 'False', 'Ready=True does not wait for the replica');

    const all = composed(it, name);
    assert.equal(all.length, 43);
    const secret = all.find((each) => resourceName(each) === 'connection-secret');
    assert.ok(secret, 'there is a connection secret');
    checkConnection(it, secret, history.at(-1)?.status);
    const admin = all.find((each) => resourceName(each) === 'admin-password');
    assert.ok(admin, 'there is a Secret with the generated password');
    assert.equal(decoded(admin).password, decoded(secret).password);

    const events = eventsOf(it, name);
    assert.ok(
      events.some((line) => /^Normal \w+(Ready|Configured) Pipeline step "platform": \w+: \S/.test(line)),
      `an event tells of a condition:\n${events.join('\n')}`,
    );
    assert.deepEqual(
      events.filter((line) => line.startsWith('Warning')),
      [],
    );
  });

  it('makes a claim Ready', { timeout: 600_000 }, async () => {
    const it = platform();
    const document = example('claims/claim.yaml');
    const { name } = document.metadata;
    const before = await measure(it);
    const begin = it.requests.length;
    await it.apply(document);
    const seconds = await claimSettled(it, name);
    const composite = await xrOfClaim(it, name);
    await xrSettled(it, composite);
    console.log(`claim ${name}: ${seconds.toFixed(1)} s; ${tell(difference(before, await measure(it)))}`);
    assert.deepEqual(refusedSince(it, begin), []);
    const secret = await waitFor('the connection secret of the claim', () =>
      [...it.observer.objects.values()].find(
        ({ kind, metadata }) => kind === 'Secret' && metadata.name === 'inventory-connection',
      ),
    );
    const status = [...it.observer.objects.values()].find(({ metadata }) => metadata.name === composite)?.status;
    checkConnection(it, secret, status);
    const events = eventsOf(it, name);
    assert.ok(
      events.some((line) => line.startsWith('Normal PrimaryReady Available: ')),
      `the claim has the events, too:\n${events.join('\n')}`,
    );
  });
}
