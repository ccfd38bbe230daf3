import { WorkloadIdentityCredential } from '@azure/identity';
import { ContainerClient } from '@azure/storage-blob';

/** What is done with blobs, so that the rest of this folder knows nothing of Azure. */
export interface Blobs {
  upload(name: string, path: string, sha256: string | undefined): Promise<void>;
  /** The size in bytes of a blob. */
  size(name: string): Promise<number>;
  download(name: string, path: string): Promise<void>;
  /** Names below `prefix`, in their order. */
  list(prefix: string): Promise<readonly string[]>;
}

/** Larger files go up in blocks, so that a lost connection costs one block and not the whole. The SDK's own bound is 256 MiB. */
const SINGLE_SHOT = 8 * 1024 * 1024;

/**
 * The blobs of a container, by the identity that Microsoft Entra Workload ID gives to the pod in its environment: no key, no secret. The
 * authority is the one that the webhook names, so it is not asked at login.microsoftonline.com whether it is one.
 */
export function azureBlobs(containerUrl: string): Blobs {
  const credential = new WorkloadIdentityCredential({ disableInstanceDiscovery: true });
  const container = new ContainerClient(containerUrl, credential);
  return {
    upload: async (name, path, sha256) => {
      await container.getBlockBlobClient(name).uploadFile(path, {
        maxSingleShotSize: SINGLE_SHOT,
        concurrency: 4,
        metadata: sha256 === undefined ? {} : { sha256 },
      });
    },
    size: async (name) => (await container.getBlobClient(name).getProperties()).contentLength ?? 0,
    download: async (name, path) => {
      await container.getBlobClient(name).downloadToFile(path);
    },
    list: async (prefix) => {
      const names: string[] = [];
      for await (const { name } of container.listBlobsFlat({ prefix })) names.push(name);
      return names;
    },
  };
}
