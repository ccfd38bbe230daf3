import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Architecture } from './node-binary.ts';

/** Debian's packages of the libraries that node needs: glibc, libstdc++ and libgcc. */
const DEBIAN_PACKAGES = ['libc6', 'libstdc++6', 'libgcc-s1'];

/** What `ldd` lists for the node binaries of nodejs.org, the dynamic loader apart. */
const LIBRARIES = ['libdl.so.2', 'libstdc++.so.6', 'libm.so.6', 'libgcc_s.so.1', 'libpthread.so.0', 'libc.so.6'];

const FOREIGN: Readonly<Record<Architecture, { readonly triplet: string; readonly loader: string }>> = {
  amd64: { triplet: 'x86_64-linux-gnu', loader: '/lib64/ld-linux-x86-64.so.2' },
  arm64: { triplet: 'aarch64-linux-gnu', loader: '/lib/ld-linux-aarch64.so.1' },
};

export const hostArchitecture: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';

/**
 * Copies the shared libraries of the node binary below `root`, an image's root folder: this machine's own where it has the
 * architecture, else Debian's. Throws where neither can be had; an image on a base with glibc does without.
 */
export function copyLibraries(architecture: Architecture, binary: string, root: string): void {
  if (architecture === hostArchitecture) copyOwn(binary, root);
  else copyDebian(architecture, root);
}

function copyOwn(binary: string, root: string): void {
  const listed = execFileSync('ldd', [binary], { encoding: 'utf8' });
  // `name => /path (address)`, and for the loader `/path (address)`; linux-vdso is no file.
  for (const [path] of listed.matchAll(/\/\S+/g)) copy(path, join(root, path));
  copyLicences(['/'], root);
}

/** Downloads Debian packages of another architecture. Its apt state is its own, so that this machine's stays as it is. */
function copyDebian(architecture: Architecture, root: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'package-debian-'));
  try {
    for (const each of ['state/lists/partial', 'cache/archives/partial', 'debs', 'tree'])
      mkdirSync(join(folder, each), { recursive: true });
    writeFileSync(join(folder, 'state/status'), '');
    const apt = (...args: string[]): void => {
      const options = [
        `APT::Architecture=${architecture}`,
        `APT::Architectures::=${architecture}`,
        `Dir::State=${join(folder, 'state')}`,
        `Dir::State::status=${join(folder, 'state/status')}`,
        `Dir::Cache=${join(folder, 'cache')}`,
        // Its sandbox user cannot write to the folder.
        'APT::Sandbox::User=root',
      ];
      execFileSync('apt-get', [...options.flatMap((option) => ['-o', option]), '-qq', ...args], {
        cwd: join(folder, 'debs'),
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    };
    apt('update');
    apt('download', ...DEBIAN_PACKAGES);
    const tree = join(folder, 'tree');
    for (const name of readdirSync(join(folder, 'debs')))
      execFileSync('dpkg-deb', ['-x', join(folder, 'debs', name), tree]);
    const { triplet, loader } = FOREIGN[architecture];
    for (const library of LIBRARIES) {
      const found = [`/lib/${triplet}/${library}`, `/usr/lib/${triplet}/${library}`].find((path) =>
        existsSync(join(tree, path)),
      );
      if (found === undefined) throw new Error(`${library}: not in Debian's ${DEBIAN_PACKAGES.join(', ')}`);
      copy(join(tree, found), join(root, `/lib/${triplet}/${library}`));
    }
    copy(join(tree, loader), join(root, loader));
    // libstdc++6 and libgcc-s1 have theirs in a package that names the version of gcc; the text is the same on this machine.
    copyLicences([tree, '/'], root);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Debian keeps them here; another system may not. */
function copyLicences(trees: readonly string[], root: string): void {
  for (const name of DEBIAN_PACKAGES) {
    const path = `usr/share/doc/${name}/copyright`;
    const tree = trees.find((each) => existsSync(join(each, path)));
    if (tree !== undefined) copy(join(tree, path), join(root, path));
  }
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(realpathSync(from), to);
}
