import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Blobs } from './blobs.ts';
import { CHECKSUMS, parseChecksums, sha256Of } from './checksums.ts';

/**
 * Uploads every dump in `from` as `<folder>/<dump>/<file>`. Each file is read and compared with its checksum first, and the checksums go
 * last. Gives the names of the blobs.
 */
export async function upload(from: string, folder: string, blobs: Blobs): Promise<readonly string[]> {
  const dumps = readdirSync(from, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== 'lost+found',
  );
  if (dumps.length === 0) throw new Error(`${from}: there is no dump`);
  const uploaded: string[] = [];
  for (const { name } of dumps) {
    const path = join(from, name);
    const checksums = parseChecksums(readFileSync(join(path, CHECKSUMS), 'utf8'));
    if (checksums.length === 0) throw new Error(`${join(path, CHECKSUMS)}: lists no file`);
    for (const { file, sha256 } of checksums) {
      const actual = await sha256Of(join(path, file));
      if (actual !== sha256) throw new Error(`${join(path, file)}: has the checksum ${actual}, not ${sha256}`);
      uploaded.push(await one(join(path, file), `${folder}/${name}/${file}`, sha256, blobs));
    }
    uploaded.push(await one(join(path, CHECKSUMS), `${folder}/${name}/${CHECKSUMS}`, undefined, blobs));
  }
  return uploaded;
}

async function one(path: string, blob: string, sha256: string | undefined, blobs: Blobs): Promise<string> {
  await blobs.upload(blob, path, sha256);
  const [here, there] = [statSync(path).size, await blobs.size(blob)];
  if (here !== there) throw new Error(`${blob}: has ${there} bytes in the container, but ${path} has ${here}`);
  return blob;
}
