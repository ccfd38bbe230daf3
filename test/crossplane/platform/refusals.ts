import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { parse, stringify } from 'yaml';
import { definitionVersions, type RuleSchema } from '../../../src/cli/package-files.ts';
import { run } from '../../../src/cli/run.ts';
import { edited } from '../../cli/files.ts';
import { type Row, RULES, TRANSITIONS } from '../../cli/rule-rows.ts';
import { repositoryRoot } from '../tools.ts';
import { waitFor } from '../wait-for.ts';
import type { Document } from './documents.ts';
import { conditionOf, OUR_CONDITIONS } from './live-object.ts';
import { API_VERSION, claim, type Platform, xr } from './platform.ts';
import { composed, xrOfClaim } from './readiness.ts';

const NAMESPACE = 'refusals';
const cases = join(repositoryRoot, 'test/cases');

/** What the API server says where it has a sentence of its own, by folder of test/cases: `npm run render` says it in ours. */
const API_SERVER: Readonly<Record<string, RegExp>> = {
  'misspelt-field': /unknown field "spec\.database\.storageGb"/,
  'storage-100': /spec\.database\.storageGB: Unsupported value: 100: supported values: "32"/,
  'version-9': /spec\.database\.version: Invalid value: "integer"/,
};

type Flavour = 'namespaced' | 'claims';

/** The manifest under a name of its own in the namespace of these tests; for `claims` as the claim that asks for the same. */
const manifest = (given: object, name: string, flavour: Flavour): Document => {
  // What `edited` and the cases give are XRs.
  const document = given as Document;
  return {
    ...document,
    apiVersion: API_VERSION[flavour],
    kind: flavour === 'claims' ? 'PostgreSQLDatabase' : 'XPostgreSQLDatabase',
    // Nobody reconciles it.
    metadata: { name, namespace: NAMESPACE, annotations: { 'crossplane.io/paused': 'true' } },
  };
};

/** The API server's answer to a request that is not carried out; empty when it would take it. */
const verdict = ({ controlPlane }: Platform, verb: 'create' | 'replace', document: Document): Promise<string> =>
  controlPlane.kubectl([verb, '--dry-run=server', '--validate=strict', '-f', '-'], JSON.stringify(document)).then(
    () => '',
    (error: Error) => error.message,
  );

/** The ways in which the API server may put a rule's line: with the rule's own path before it, or with the field's. */
const spoken = (line: string): string[] => {
  const [field = '', ...rest] = line.split(': ');
  const parent = field.slice(0, field.lastIndexOf('.'));
  return [line, `${parent}: Invalid value: ${field.slice(parent.length + 1)}: ${rest.join(': ')}`];
};

const says = (answer: string, line: string): boolean => {
  const flat = answer.replaceAll(/Invalid value: ("(?:object|string)"|null|\{.*?\}|\S+): /g, 'Invalid value: ');
  return spoken(line).some((each) => flat.includes(each));
};

export function refusalScenarios(platform: () => Platform): void {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'refusals-'));
  });
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, document: object): string => {
    writeFileSync(join(folder, name), stringify(document));
    return join(folder, name);
  };
  const rendered = (document: object, old?: object): { status: number; stderr: string } => {
    const args = ['render', file('xr.yaml', document), ...(old ? ['--old', file('old.yaml', old)] : [])];
    return run(args, false);
  };

  it('is refused by the API server with the sentences of the rules, in both flavours', {
    timeout: 600_000,
  }, async () => {
    const it = platform();
    await it.controlPlane.kubectl(['create', 'namespace', NAMESPACE]);
    const wrong: string[] = [];
    for (const { from, change, line } of RULES) {
      const document = edited(from, change);
      const { status, stderr } = rendered(document);
      // The function may see more than the one rule does.
      if (status !== 1 || !stderr.split('\n').includes(line))
        wrong.push(`npm run render says ${stderr}instead of ${line}`);
      for (const flavour of ['namespaced', 'claims'] as const) {
        const answer = await verdict(it, 'create', manifest(document, 'refused', flavour));
        if (!says(answer, line)) wrong.push(`${flavour}: ${answer || 'accepted'}\n  instead of ${line}`);
      }
    }
    assert.deepEqual(wrong, []);
    console.log(`${RULES.length} rules refused with their sentences, as claims, too`);
  });

  it('refuses the changes that Azure cannot make, with their sentences, in both flavours', {
    timeout: 600_000,
  }, async () => {
    const it = platform();
    const wrong: string[] = [];
    const live = new Map<string, string>();
    const oldOf = ({ from, old = {} }: Row): Document =>
      // What `edited` gives is an XR.
      edited(from, old) as Document;
    for (const row of TRANSITIONS) {
      const now = edited(row.from, { ...row.old, ...row.change });
      const { status, stderr } = rendered(now, oldOf(row));
      if (status !== 1 || !stderr.split('\n').includes(row.line))
        wrong.push(`npm run render says ${stderr}instead of ${row.line}`);
      for (const flavour of ['namespaced', 'claims'] as const) {
        const key = `${row.from} ${JSON.stringify(row.old ?? {})} ${flavour}`;
        const name = live.get(key) ?? `changed-${live.size}`;
        if (!live.has(key)) await it.apply(manifest(oldOf(row), name, flavour));
        live.set(key, name);
        const answer = await verdict(it, 'replace', manifest(now, name, flavour));
        if (!says(answer, row.line)) wrong.push(`${flavour}: ${answer || 'accepted'}\n  instead of ${row.line}`);
      }
    }
    assert.deepEqual(wrong, []);
    console.log(`${TRANSITIONS.length} changes refused with their sentences, of claims, too`);
    const resources = 'xpostgresqldatabases.database.platform.io,postgresqldatabases.claims.database.platform.io';
    await it.controlPlane.kubectl(['delete', resources, '--all', '-n', NAMESPACE, '--timeout=240s']);
  });

  it('has a row for every rule of the XRDs', () => {
    const texts = (schema: RuleSchema): string[] => [
      ...(schema['x-kubernetes-validations'] ?? []).map(({ message = '' }) => message),
      ...Object.values(schema.properties ?? {}).flatMap(texts),
    ];
    const lines = [...TRANSITIONS, ...RULES].map(({ line }) => line.replace(/: "[^"]*" is /, ': is '));
    for (const flavour of ['namespaced', 'cluster'] as const)
      for (const { schema } of definitionVersions(flavour))
        for (const text of texts(schema))
          assert.ok(
            lines.some((line) => line.endsWith(text)),
            text,
          );
  });

  it('gives the verdict of npm run render on the refused cases', { timeout: 600_000 }, async () => {
    const it = platform();
    const wrong: string[] = [];
    const folders = readdirSync(cases).filter(
      // With observed resources it is a change of a live database: those are above.
      (name) => existsSync(join(cases, name, 'refused.txt')) && !existsSync(join(cases, name, 'observed.yaml')),
    );
    const byFunction: string[] = [];
    for (const name of folders) {
      const sentence = readFileSync(join(cases, name, 'refused.txt'), 'utf8').trim();
      const document: Document = parse(readFileSync(join(cases, name, 'xr.yaml'), 'utf8'));
      const answer = await verdict(it, 'create', manifest(document, name, 'namespaced'));
      if (answer === '') byFunction.push(name);
      else if (!(API_SERVER[name]?.test(answer) ?? says(answer, sentence)))
        wrong.push(`${name}: ${answer}\n  instead of ${sentence}`);
    }
    // What only the function can tell, it tells in condition Synced, and composes nothing.
    for (const name of byFunction) {
      const sentence = readFileSync(join(cases, name, 'refused.txt'), 'utf8').trim();
      const document: Document = parse(readFileSync(join(cases, name, 'xr.yaml'), 'utf8'));
      await it.apply({ ...document, metadata: { name, namespace: NAMESPACE } });
      const message = await waitFor(`XR ${name} to be refused`, () => {
        const found = conditionOf(xr(it.observer, name), 'Synced');
        return found?.status === 'False' && (found.message ?? '');
      });
      if (!message.includes(sentence)) wrong.push(`${name}: Synced=False ${message}\n  instead of ${sentence}`);
      assert.deepEqual(composed(it, name), []);
    }
    assert.deepEqual(wrong, []);
    console.log(`refused by the API server: ${folders.filter((name) => !byFunction.includes(name)).join(', ')}`);
    console.log(`refused by the function: ${byFunction.join(', ')}`);
    await it.controlPlane.kubectl(['delete', 'xpg', '--all', '-n', NAMESPACE, '--timeout=240s']);
  });

  it('shows the owner of a claim that the function refused', { timeout: 600_000 }, async () => {
    const it = platform();
    const sentence = readFileSync(join(cases, 'overlapping-cidrs/refused.txt'), 'utf8').trim();
    const document: Document = parse(readFileSync(join(cases, 'overlapping-cidrs/xr.yaml'), 'utf8'));
    const asClaim = manifest(document, 'overlapping', 'claims');
    await it.apply({ ...asClaim, metadata: { name: 'overlapping', namespace: NAMESPACE } });
    // core v2.3.4 composite/composition_functions.go: a fatal result itself becomes no event of the claim.
    await waitFor('the conditions of the claim', () => {
      const found = claim(it.observer, 'overlapping');
      return OUR_CONDITIONS.every((type) => conditionOf(found, type)?.reason === 'NotRendered');
    });
    const composite = await xrOfClaim(it, 'overlapping');
    const { status, message = '' } = conditionOf(xr(it.observer, composite), 'Synced') ?? {};
    assert.equal(status, 'False');
    assert.ok(message.includes(sentence), message);
    const resource = 'postgresqldatabases.claims.database.platform.io';
    await it.controlPlane.kubectl(['delete', resource, 'overlapping', '-n', NAMESPACE, '--timeout=240s']);
    await waitFor('the claim to be gone', () => claim(it.observer, 'overlapping') === undefined);
  });
}
