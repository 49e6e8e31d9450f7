import { stat, statfs } from 'node:fs/promises';

export type FileSystem = {
  readonly path: string;
  readonly bytes: number;
  readonly bytesUsed: number;
  /** As df shows it: what root keeps for itself counts as used. */
  readonly used: number;
  readonly inodes: number;
  readonly inodesUsed: number;
};

/** The kubelet evicts by the first two; logs and the runtime's images fill the others. */
export const NODE_PATHS: readonly string[] = [
  '/',
  '/var/lib/kubelet',
  '/var/lib/containerd',
  '/var/lib/containers',
  '/var/lib/docker',
  '/var/lib/rancher',
  '/var/log',
  '/tmp',
];

/** Each file system once, under the first of its paths. A path that is not there is left out. */
export async function readFileSystems(paths: readonly string[]): Promise<readonly FileSystem[]> {
  const devices = new Set<number>();
  const found: FileSystem[] = [];
  for (const path of paths) {
    try {
      const { dev } = await stat(path);
      if (devices.has(dev)) continue;
      devices.add(dev);
      const { blocks, bfree, bavail, bsize, files, ffree } = await statfs(path);
      const usedBlocks = blocks - bfree;
      const usable = usedBlocks + bavail;
      found.push({
        path,
        bytes: blocks * bsize,
        bytesUsed: usedBlocks * bsize,
        used: usable === 0 ? 0 : usedBlocks / usable,
        inodes: files,
        // btrfs and others have none to run out of.
        inodesUsed: files === 0 ? 0 : (files - ffree) / files,
      });
    } catch {
      // Not on this node.
    }
  }
  return found;
}
