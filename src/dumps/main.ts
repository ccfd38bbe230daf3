import { azureBlobs } from './blobs.ts';
import { download } from './download.ts';
import { upload } from './upload.ts';

const USAGE = 'usage: dumps.cjs upload | download, with DUMPS, CONTAINER_URL and FOLDER (and DUMP) in the environment';

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name}: is missing in the environment; ${USAGE}`);
  return value;
}

async function main([command, ...more]: readonly string[]): Promise<void> {
  if (more.length > 0 || (command !== 'upload' && command !== 'download')) throw new Error(USAGE);
  const [path, folder] = [setting('DUMPS'), setting('FOLDER')];
  const blobs = azureBlobs(setting('CONTAINER_URL'));
  if (command === 'upload') for (const blob of await upload(path, folder, blobs)) console.log(`uploaded ${blob}`);
  else console.log(`downloaded ${await download(path, folder, process.env.DUMP || undefined, blobs)}`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`dumps: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
