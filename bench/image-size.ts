import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bundleDumps, bundleFailoverCall, bundleServer } from '../tools/package/bundle.ts';
import { stageContext } from '../tools/package/image.ts';
import { hostArchitecture } from '../tools/package/libraries.ts';

/** Bytes of all files that the image on `scratch` holds, staged below `directory`; undefined where Node's own release cannot be had. */
export async function imageBytes(directory: string): Promise<number | undefined> {
  const context = join(directory, 'image');
  mkdirSync(context);
  const file = (name: string): string => join(directory, name);
  try {
    await stageContext(
      {
        architecture: hostArchitecture,
        base: 'scratch',
        bundle: { ...(await bundleServer(file('image-function.cjs'))), file: file('image-function.cjs') },
        dumps: { ...(await bundleDumps(file('image-dumps.cjs'))), file: file('image-dumps.cjs') },
        failoverCall: { ...(await bundleFailoverCall(file('image-failover.cjs'))), file: file('image-failover.cjs') },
      },
      context,
    );
  } catch (error) {
    process.stderr.write(`the image's size is left out: ${error}\n`);
    return undefined;
  }
  return bytesIn(join(context, 'root'));
}

const bytesIn = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
