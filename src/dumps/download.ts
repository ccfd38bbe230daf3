import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Blobs } from './blobs.ts';
import { CHECKSUMS, parseChecksums, sha256Of } from './checksums.ts';

/** Downloads the dump `dump`, or the newest whole one, into `to`, and compares every file with its checksum. Gives the dump's name. */
export async function download(to: string, folder: string, dump: string | undefined, blobs: Blobs): Promise<string> {
  const name = dump ?? (await newest(folder, blobs));
  const from = `${folder}/${name}`;
  mkdirSync(to, { recursive: true });
  await blobs.download(`${from}/${CHECKSUMS}`, join(to, CHECKSUMS));
  for (const { file, sha256 } of parseChecksums(readFileSync(join(to, CHECKSUMS), 'utf8'))) {
    await blobs.download(`${from}/${file}`, join(to, file));
    const actual = await sha256Of(join(to, file));
    if (actual !== sha256) throw new Error(`${from}/${file}: has the checksum ${actual}, not ${sha256}`);
  }
  return name;
}

/** Dumps are named by time, so that the last by name is the newest. */
async function newest(folder: string, blobs: Blobs): Promise<string> {
  const whole = (await blobs.list(`${folder}/`)).filter((name) => name.endsWith(`/${CHECKSUMS}`));
  const name = whole.sort().at(-1)?.split('/').at(-2);
  if (name === undefined) throw new Error(`${folder}: there is no whole dump in the container`);
  return name;
}
