import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { daemonNames, endProcesses, stopDaemon } from './daemon.ts';
import { deleteCgroups, deleteNetwork, restoreSysctls, shimPids, unmountBelow } from './kernel.ts';
import type { ClusterLayout } from './paths.ts';
import { readState } from './state.ts';

/** Marks a directory as ours to delete; without it a wrong --run-dir could cost somebody's files. */
const MARKER = '.testcluster';

/** Makes the run directory. Errors: throws when it holds files that no cluster put there. */
export function claimRunDir(layout: ClusterLayout): void {
  assertOurs(layout);
  mkdirSync(layout.runDir, { recursive: true, mode: 0o755 });
  writeFileSync(join(layout.runDir, MARKER), '');
}

function assertOurs({ runDir }: ClusterLayout): void {
  if (existsSync(runDir) && readdirSync(runDir).length > 0 && !existsSync(join(runDir, MARKER)))
    throw new Error(`${runDir} is not empty and not a test cluster's; choose another run directory`);
}

/**
 * Removes every trace of a cluster, whether it runs, crashed half way or is already gone.
 * It works from the run directory and the kernel's state alone, so any process can do it.
 */
export async function tearDown(layout: ClusterLayout): Promise<void> {
  assertOurs(layout);
  const state = readState(layout);
  // The kubelet first: it would restart what is being ended. Nothing here is worth a graceful end.
  await stopDaemon(layout, 'kubelet', 0);
  await Promise.all(daemonNames(layout).map((name) => stopDaemon(layout, name, 0)));
  await endProcesses(shimPids(layout), 0);
  await deleteCgroups(layout);
  removeShimSockets(layout);
  await unmountBelow(layout.runDir);
  await deleteNetwork(layout);
  if (state !== undefined) restoreSysctls(state.sysctls);
  rmSync(layout.runDir, { recursive: true, force: true });
}

/** Shims listen below /run/containerd, whatever containerd's own directories are; a killed one leaves its socket. */
function removeShimSockets(layout: ClusterLayout): void {
  const dir = `${layout.runDir}/containerd-state`;
  if (!existsSync(dir)) return;
  for (const file of globSync(`${dir}/io.containerd.runtime.v2.task/*/*/address`)) {
    const socket = readFileSync(file, 'utf8').trim().replace('unix://', '');
    if (/^\/run\/containerd\/s\/[0-9a-f]+$/.test(socket)) rmSync(socket, { force: true });
  }
}
