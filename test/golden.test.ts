import { parseAllDocuments } from 'yaml';
import { argumentsOf, cases, golden, outcome, writeGolden, writeSteadyState } from './golden/case.ts';
import { crdProblems } from './schemas.ts';

/**
 * Each folder of examples and test/cases holds xr.yaml and what `render` reads beside it (observed.yaml, credentials.yaml, input.yaml,
 * old.yaml), and either expected.yaml with its stdout or refused.txt with its stderr. `npm run golden` (UPDATE=1) rewrites the latter two;
 * UPDATE=observed also writes the examples' observed.yaml and credentials.yaml from the end of --until-ready.
 */
const update = process.env.UPDATE;

describe.each(['examples', 'test/cases'] as const)('%s', (parent) => {
  it.each(cases(parent))('%s is rendered as its golden says (`npm run golden` rewrites it)', (_, folder) => {
    if (update === 'observed' && parent === 'examples') writeSteadyState(folder);
    const actual = outcome(folder);
    const expected = golden(folder);
    // A case that turns from rendered to refused, or back, is never rewritten in passing.
    if (update && (expected === undefined || expected.file === actual.file)) writeGolden(folder, actual);
    else expect(actual).toEqual(expected);
  });

  it.each(cases(parent))('%s composes what the CRDs accept, unknown fields refused', (_, folder) => {
    const { file, text } = outcome(folder);
    if (file === 'refused.txt') return;
    const [, ...composed] = parseAllDocuments(text).map((document) => document.toJS());
    expect(composed.length).toBeGreaterThan(0);
    expect(composed.flatMap(crdProblems)).toEqual([]);
  });
});

it.each([...cases('examples'), ...cases('test/cases')])('%s says a password nowhere but in Secrets', (_, folder) => {
  const { file, text } = outcome(folder);
  const documents = file === 'refused.txt' ? [text] : parseAllDocuments(text).map((document) => document.toJS());
  const secrets = documents.filter(({ kind }) => kind === 'Secret');
  const others = JSON.stringify(documents.filter((document) => !secrets.includes(document)));
  // What `render` makes up, and what the Secrets of this folder hold.
  const passwords = [
    'made-up-password',
    ...secrets.flatMap(({ data }) => (data?.password ? [decode(data.password)] : [])),
  ];
  for (const form of passwords.flatMap((password) => [password, encode(password)])) expect(others).not.toContain(form);
});

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');
const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

it('finds an XR in every folder', () => {
  expect(cases('examples').map(([name]) => name)).toEqual(
    expect.arrayContaining(['minimal', 'active-passive', 'claims']),
  );
  expect(cases('test/cases').every(([, folder]) => argumentsOf(folder).xr.endsWith('xr.yaml'))).toBe(true);
});
