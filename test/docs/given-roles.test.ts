import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Azure's own roles that resources of the goldens give to identities. */
function given(): Set<string> {
  const files = ['examples', 'test/cases']
    .flatMap((parent) => readdirSync(parent).map((name) => `${parent}/${name}/expected.yaml`))
    .filter((file) => existsSync(file));
  const names = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^ +roleDefinitionName: (.+)$/gm)].map(([, role = '']) => role),
  );
  return new Set(names);
}

it('docs/security.md lets the provider give each role that is composed, and no other', () => {
  const text = readFileSync('docs/security.md', 'utf8');
  const rows = text.matchAll(/^\| ([^|]+) \| ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) \|/gm);
  const listed = new Map([...rows].map(([, role = '', id = '']) => [role, id]));
  expect([...listed.keys()].sort()).toEqual([...given()].sort());
  const condition = /^roles='\{([^}]+)\}'/m.exec(text)?.[1]?.split(/,\s*/);
  expect(condition?.sort()).toEqual([...listed.values()].sort());
});
