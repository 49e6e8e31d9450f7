import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PodContainer } from './log-matcher.ts';

/** Files followed at once; beyond them the newest pods wait. */
export const LOG_FILES_MAX = 1_024;
/** Source: kubelet, pkg/kubelet/kuberuntime: `<namespace>_<pod>_<uid>/<container>/<restarts>.log`. */
const POD = /^([a-z0-9-]{1,63})_([a-z0-9.-]{1,253})_([0-9a-f-]{32,36})$/;
const LOG = /^(\d{1,9})\.log$/;

/** The logs of all containers there are, each container's latest two runs. Rotated files belong to their log. */
export function findContainerLogs(root: string): readonly PodContainer[] {
  const found: PodContainer[] = [];
  for (const name of list(root)) {
    const [, namespace, pod, podUid] = POD.exec(name) ?? [];
    if (namespace === undefined || pod === undefined || podUid === undefined) continue;
    for (const container of list(join(root, name))) {
      const runs = list(join(root, name, container))
        .flatMap((file) => LOG.exec(file)?.[1] ?? [])
        .sort((a, b) => Number(b) - Number(a))
        .slice(0, 2);
      for (const run of runs) {
        const path = join(root, name, container, `${run}.log`);
        found.push({ namespace, pod, podUid, container: container.slice(0, 63), path });
      }
    }
  }
  return found;
}

function list(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
