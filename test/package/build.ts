import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPublishing } from '../../tools/package/publishing.ts';
import { run } from '../crossplane/commands.ts';
import { repositoryRoot } from '../crossplane/tools.ts';

export interface BuiltPackages {
  /** Root folder of the checkout that they were built from, with a trailing slash. */
  readonly checkout: string;
  readonly version: string;
  /** The Function package; without a runtime where no Docker Engine answers. */
  readonly functionFile: string;
  readonly configurations: { readonly namespaced: string; readonly claims: string };
  /** What `docker save` gave, or the image's root folder where no Docker Engine answers. */
  readonly image: { readonly tarball: string } | { readonly root: string };
  /** What `npm run package` said. */
  readonly log: string;
  readonly remove: () => void;
}

/** `npm run package` of a checkout for this machine's architecture, into a folder of its own. */
export async function buildPackages(checkout = repositoryRoot): Promise<BuiltPackages> {
  const folder = mkdtempSync(join(tmpdir(), 'package-e2e-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const log = await run('npm', ['run', '--silent', 'package', '--', '--output', folder], {
      cwd: checkout,
      timeoutMs: 900_000,
    });
    const files = readdirSync(folder);
    const one = (pattern: RegExp): string | undefined => {
      const name = files.find((file) => pattern.test(file));
      return name && join(folder, name);
    };
    const expected = (pattern: RegExp): string => {
      const file = one(pattern);
      if (file === undefined) throw new Error(`npm run package made no ${pattern}: ${files.join(', ')}\n${log}`);
      return file;
    };
    const tarball = one(/^image-.*\.tar$/);
    return {
      checkout,
      version: readPublishing(checkout).version,
      functionFile: expected(/^function-postgresql-v.*\.xpkg$/),
      configurations: {
        namespaced: expected(/^configuration-postgresql-v.*\.xpkg$/),
        claims: expected(/^configuration-postgresql-claims-v.*\.xpkg$/),
      },
      image: tarball === undefined ? { root: expected(/^image-root-/) } : { tarball },
      log,
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}
