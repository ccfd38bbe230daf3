import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { readOperation } from '../../src/api/operation.ts';
import { readPublishing } from '../../tools/package/publishing.ts';

const folder = 'examples/operations';

interface Step {
  readonly functionRef: { readonly name: string };
  readonly input: unknown;
}

it.each(readdirSync(folder))(`${folder}/%s calls this function with an input that it takes`, (file) => {
  const { kind, spec } = parse(readFileSync(`${folder}/${file}`, 'utf8'));
  const { pipeline }: { pipeline: Step[] } = kind === 'CronOperation' ? spec.operationTemplate.spec : spec;
  expect(pipeline.map(({ functionRef }) => functionRef.name)).toEqual([readPublishing().functionName]);
  expect(pipeline.map(({ input }) => readOperation(input))).toEqual([{ operation: expect.anything() }]);
});
