import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { execute, type Outcome } from '../crossplane/commands.ts';
import { repositoryRoot, tool } from '../crossplane/tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'package-ci-'));
const example = (path: string): string => join(repositoryRoot, 'examples', path);

const check = (...files: string[]): Promise<Outcome> =>
  execute('sh', [example('ci/render-and-validate.sh'), ...files], {
    env: { ...process.env, CROSSPLANE: tool('crossplane'), CROSSPLANE_BINARY: tool('crossplane-core') },
  });

describe('examples/ci/render-and-validate.sh', () => {
  after(() => rmSync(folder, { recursive: true }));

  it('accepts the examples of both flavours, and a claim', async () => {
    const files = ['minimal/xr.yaml', 'every-field/xr.yaml', 'claims/xr.yaml', 'claims/claim.yaml'].map(example);
    const { code, stdout, stderr } = await check(...files);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    for (const file of files) assert.ok(stdout.includes(`${file}: ok\n`), stdout);
    assert.equal(stdout.match(/ 0 missing schemas, .* 0 failure cases/g)?.length, files.length, stdout);
  });

  it('names the file that is refused, with what the function says', async () => {
    const [wrong, right] = [join(folder, 'wrong.yaml'), example('minimal/xr.yaml')];
    writeFileSync(wrong, readFileSync(right, 'utf8').replace(/^spec:$/m, 'spec:\n  misspelt: 1'));
    const { code, stdout, stderr } = await check(wrong, right);
    assert.equal(code, 1);
    assert.match(stderr, /spec\.misspelt: is not a field of spec/);
    assert.ok(stderr.includes(`${wrong}: FAILED\n`), stderr);
    assert.ok(stdout.includes(`${right}: ok\n`), stdout);
  });

  it('says what it wants when it is given nothing', async () => {
    const { code, stderr } = await check();
    assert.equal(code, 2);
    assert.match(stderr, /^usage: .* FILE\.\.\./);
  });
});
