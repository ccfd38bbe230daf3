import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPublishing } from '../../tools/package/publishing.ts';
import { repositoryRoot } from '../crossplane/tools.ts';

/** Older than every version that is published. */
export const EARLIER_VERSION = '0.0.9';

interface Difference {
  readonly files: readonly string[];
  readonly today: string;
  readonly earlier: string;
}

/** The one difference in what is composed: subnets without the service endpoint of Azure Storage. */
const COMPOSED: Difference = {
  files: ['src/resources/network.ts'],
  today: "serviceEndpoints: ['Microsoft.Storage']",
  earlier: 'serviceEndpoints: []',
};

/** A label of the Compositions, because core makes a CompositionRevision only of what differs (v2.3.4 composition_hash.go). */
const COMPOSITIONS: Difference = {
  files: ['compositions/namespaced.yaml', 'compositions/cluster.yaml'],
  today: '    provider: azure\n',
  earlier: '    provider: azure\n    release: earlier\n',
};

/** The version wherever it stands in what is built and in what a platform team applies. */
const VERSION: Difference = {
  files: [
    'crossplane.yaml',
    'package/claims/crossplane.yaml',
    'examples/install/function.yaml',
    'examples/install/namespaced/configuration.yaml',
    'examples/install/claims/configuration.yaml',
  ],
  today: `v${readPublishing().version}`,
  earlier: `v${EARLIER_VERSION}`,
};

/** What `npm run package` and docs/install.md need of a checkout. */
const PATHS = ['apis', 'compositions', 'examples', 'package', 'src', 'tools/package'].concat(
  ['crossplane.yaml', 'Dockerfile', 'LICENSE', 'package.json', 'tsconfig.json'], // files
);

/** A checkout as it could have been at an earlier version. */
export interface EarlierCheckout {
  /** Its root folder, with a trailing slash. */
  readonly root: string;
  remove(): void;
}

export function makeEarlierCheckout(): EarlierCheckout {
  const root = `${mkdtempSync(join(tmpdir(), 'earlier-'))}/`;
  for (const path of PATHS) cpSync(join(repositoryRoot, path), join(root, path), { recursive: true });
  for (const path of ['node_modules', 'tools/bin']) symlinkSync(join(repositoryRoot, path), join(root, path));
  for (const { files, today, earlier } of [COMPOSED, COMPOSITIONS, VERSION])
    for (const name of files) {
      const text = readFileSync(join(root, name), 'utf8');
      assert.equal(text.split(today).length, 2, `${name} has ${today} once`);
      writeFileSync(join(root, name), text.replace(today, earlier));
    }
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')); // any: npm's own format
  writeFileSync(join(root, 'package.json'), JSON.stringify({ ...manifest, version: EARLIER_VERSION }));
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}
