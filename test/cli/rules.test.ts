import { problemLine } from '../../src/api/problem.ts';
import { definitionVersions, type RuleSchema } from '../../src/cli/package-files.ts';
import { after, passesUntilReady } from '../../src/cli/passes.ts';
import { load } from '../../src/cli/render.ts';
import { request, type World } from '../../src/cli/request.ts';
import { brokenRules } from '../../src/cli/rules.ts';
import { run } from '../../src/cli/run.ts';
import { answer } from '../../src/function.ts';
import { edited, example, scratch } from './files.ts';
import { RULES, TRANSITIONS } from './rule-rows.ts';

const files = scratch();
afterAll(files.remove);

const DEFAULTS = { explain: false, untilReady: false };

const lines = (world: World): string[] => answer(request(world)).problems.map(problemLine);

describe.each(TRANSITIONS)('$line', ({ from, old = {}, change, line, only }) => {
  const earlier = () => files.write('old.yaml', edited(from, old));
  const now = () => files.write('xr.yaml', edited(from, { ...old, ...change }));

  it('is what --old says', () => {
    const { status, stdout, stderr } = run(['render', now(), '--old', earlier()], false);
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: `${line}\n` });
  });

  it('is not said without --old', () => {
    expect(run(['render', now()], false)).toMatchObject({ status: 0, stderr: '' });
  });

  it(only ? `is not said by the function: ${only}` : 'is what the function says when it sees the resources', () => {
    const last = passesUntilReady(load({ xr: earlier(), ...DEFAULTS }).world).at(-1);
    const resources = last ? after(last).resources : new Map();
    const said = lines({ ...load({ xr: now(), ...DEFAULTS }).world, resources });
    if (only) expect(said).not.toContain(line);
    else expect(said).toContain(line);
  });
});

it.each(RULES)('XRD and function both say: $line', ({ from, change, line }) => {
  const { world, broken } = load({ xr: files.write('xr.yaml', edited(from, change)), ...DEFAULTS });
  expect(broken).toEqual([line]);
  expect(lines(world)).toContain(line);
});

it.each(['namespaced', 'cluster'] as const)('every rule of the %s XRD stands in these tables', (flavour) => {
  const texts = (schema: RuleSchema): string[] => [
    ...(schema['x-kubernetes-validations'] ?? []).map(({ message = '' }) => message),
    ...Object.values(schema.properties ?? {}).flatMap(texts),
  ];
  // `message` is the sentence without the value, which messageExpression adds.
  const all = [...TRANSITIONS, ...RULES].map(({ line }) => line.replace(/: "[^"]*" is /, ': is '));
  for (const { schema } of definitionVersions(flavour))
    for (const text of texts(schema))
      expect(all).toContainEqual(expect.stringMatching(new RegExp(`${escaped(text)}$`)));
});

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

it('lets a change through that no rule forbids', () => {
  const old = example('active-passive');
  const now = files.write(
    'xr.yaml',
    edited('active-passive', { 'spec.database.storageGB': 256, 'spec.tags': { a: 'b' } }),
  );
  expect(run(['render', now, '--old', old], false)).toMatchObject({ status: 0, stderr: '' });
  // The same region in another spelling is no change.
  const spelt = files.write('xr.yaml', edited('active-passive', { 'spec.regions.secondary.name': 'Central US' }));
  expect(run(['render', spelt, '--old', old], false)).toMatchObject({ status: 0, stderr: '' });
});

it('judges a rule on changes only where there was a value, as Kubernetes does', () => {
  const now = files.write(
    'xr.yaml',
    edited('minimal', { 'spec.regions.secondary': { name: 'centralus', cidr: '10.20.0.0/16' } }),
  );
  expect(run(['render', now, '--old', example('minimal')], false)).toMatchObject({ status: 0, stderr: '' });
});

it('refuses an old object that is another one, or that does not hold', () => {
  expect(run(['render', example('minimal'), '--old', example('active-passive')], false).stderr).toBe(
    'old metadata: is database.platform.io/v1alpha1 XPostgreSQLDatabase team-a/testmulti, not database.platform.io/v1alpha1 XPostgreSQLDatabase team-a/orders; give the same object as it was before\n',
  );
  const old = files.write('old.yaml', edited('minimal', { 'spec.database': { storageGB: 100 } }));
  expect(run(['render', example('minimal'), '--old', old], false).stderr).toMatch(
    /^old spec\.database\.storageGB: 100 is not one of /,
  );
});

describe('brokenRules', () => {
  const rule = (text: string, message?: string): RuleSchema => ({
    'x-kubernetes-validations': [{ rule: text, message }],
  });

  it('puts the path of its level before a message that does not name the field from the root', () => {
    const schema = {
      properties: { a: rule('false', 'name: is wrong'), b: rule('false', 'spec.c: is wrong'), d: rule('false') },
    };
    expect(brokenRules({ a: 1, b: 1, d: 1 }, undefined, schema, 'spec').map(problemLine)).toEqual([
      'spec.a.name: is wrong',
      'spec.c: is wrong',
      'spec.d: breaks the rule false',
    ]);
  });

  it('reads integers as CEL integers, and looks into lists and maps', () => {
    const integer = { type: 'integer', ...rule('self % 2 == 0', 'is odd') };
    const schema = { properties: { list: { items: integer }, map: { additionalProperties: integer } } };
    expect(brokenRules({ list: [2, 3], map: { a: 1 } }, undefined, schema, 'spec').map(problemLine)).toEqual([
      'spec.list[1]: is odd',
      'spec.map.a: is odd',
    ]);
  });

  it('says so when a rule cannot be evaluated', () => {
    expect(() => brokenRules({}, undefined, rule('self.nothing == 1'), 'spec')).toThrow(
      /^rule "self\.nothing == 1" of the XRD cannot be evaluated \(.+\); report it with the XR$/,
    );
  });
});
