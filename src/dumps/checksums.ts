import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** The file that lists the others of a dump with their SHA-256, as sha256sum writes it. Written last: a dump with it is whole. */
export const CHECKSUMS = 'SHA256SUMS';

export interface Checksum {
  readonly file: string;
  readonly sha256: string;
}

/** Reads what sha256sum wrote. Throws on a line that it would not write, and on a file outside the folder. */
export function parseChecksums(text: string): readonly Checksum[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, sha256, file] = /^([0-9a-f]{64}) [ *]([A-Za-z0-9_.-]+)$/.exec(line) ?? [];
      if (sha256 === undefined || file === undefined)
        throw new Error(`${CHECKSUMS}: "${line}" is not a checksum and the name of a file`);
      return { file, sha256 };
    });
}

/** The SHA-256 of a file of any size. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer); // a stream without an encoding gives buffers
  return hash.digest('hex');
}
