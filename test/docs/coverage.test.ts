import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { repositoryRoot } from '../../tools/package/publishing.ts';

/** docs/coverage.md promises that each row can be looked up: what it cites has to be there. */
const text = (path: string): string => readFileSync(`${repositoryRoot}${path}`, 'utf8');

const rows = text('docs/coverage.md')
  .split('\n')
  .filter((line) => /^\| \d+\.\d+ \|/.test(line))
  .map((line) => {
    const [, number = '', asks = '', status = '', by = ''] = line.split(/(?<!\\) \| |^\| | \|$/);
    return { number, asks, status, by };
  });

const PATH = /^(apis|bench|compositions|docs|examples|package|src|test|tools)\//;
/** A composition-resource name, or anything else that is written like one. */
const KEY = /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/;

const begins = (path: string): boolean =>
  readdirSync(repositoryRoot + dirname(path)).some((name) => `${dirname(path)}/${name}`.startsWith(path));

/** The names of tests, as they are written: a quote is escaped, and `%s` stands for a part that a table gives. */
function hasTest(file: string, name: string): boolean {
  const source = text(file).replaceAll("\\'", "'");
  if (source.includes(name)) return true;
  return [...source.matchAll(/'([^'\n]*%s[^'\n]*)'/g)].some(([, template = '']) => {
    const parts = template.split('%s');
    return name.startsWith(parts[0] ?? '') && name.endsWith(parts.at(-1) ?? '') && tableHas(source, name, parts);
  });
}

const tableHas = (source: string, name: string, [before = '', after = '']: readonly string[]): boolean =>
  source.includes(`'${name.slice(before.length, name.length - after.length)}'`);

/** What a row cites and the repository does not have. */
function missing(by: string): string[] {
  const cited = by.replaceAll(/\([^()]*\)/g, '');
  const problems: string[] = [];
  let file = '';
  for (const [, path = '', name = ''] of cited.matchAll(/`([^`]+)`|"([^"]+)"/g)) {
    if (path && PATH.test(path)) {
      const exists = path.endsWith('*') ? begins(path.slice(0, -1)) : existsSync(repositoryRoot + path);
      if (!exists) problems.push(path);
      file = path;
    } else if (name && /\.(test|e2e)\.ts$/.test(file) && existsSync(repositoryRoot + file)) {
      if (!hasTest(file, name)) problems.push(`${file} "${name}"`);
    } else if (KEY.test(path) && /^(examples|test\/cases)\/[^*]+$/.test(file)) {
      const golden = `${file}/expected.yaml`;
      if (existsSync(repositoryRoot + golden) && !text(golden).includes(path)) problems.push(`${golden} ${path}`);
    }
  }
  return problems;
}

describe('docs/coverage.md', () => {
  it('has every row of the two texts once, in three states', () => {
    const upTo = (text: number, last: number) => Array.from({ length: last }, (_, index) => `${text}.${index + 1}`);
    expect(rows.map(({ number }) => number)).toEqual([...upTo(0, 92), ...upTo(1, 23)]);
    for (const { status, asks } of rows) {
      expect(['done', 'refused', 'later']).toContain(status);
      expect(asks).not.toBe('');
    }
  });

  it.each(rows)('$number: what it cites is there', ({ by }) => {
    expect(missing(by)).toEqual([]);
  });

  it.each(rows.filter(({ status }) => status === 'later'))('$number is open, and says what brings it', ({ by }) => {
    expect(by).toMatch(/come with (self-service classes and policy|SQL roles|other back-ends|the CLI)/);
  });

  it.each(rows.filter(({ status }) => status === 'done'))('$number is done and cites what shows it', ({ by }) => {
    expect(by).toMatch(/`(apis|compositions|docs|examples|src|test)\/|As \d|README/);
  });

  it('would notice a name that no test has, a folder that is gone and a resource that is not made', () => {
    expect(missing('`test/names.test.ts` "no such name"')).toEqual(['test/names.test.ts "no such name"']);
    expect(missing('`test/cases/nothing` `private-dns-zone`')).toEqual(['test/cases/nothing']);
    expect(missing('`examples/minimal` `secondary-server`')).toEqual([
      'examples/minimal/expected.yaml secondary-server',
    ]);
  });
});
