import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { daemonPid, processStartTime } from './daemon.ts';
import type { ClusterLayout } from './paths.ts';

const stateSchema = z.object({
  /** Who brought the cluster up. Unless `keep`, a cluster whose owner died is a leftover. */
  owner: z.object({ pid: z.number().int(), startTime: z.string() }),
  keep: z.boolean(),
  ready: z.boolean(),
  startedAt: z.iso.datetime(),
  apiPort: z.number().int(),
  kube: z.string(),
  /** Values that the kubelet overwrites, as they were before it started. */
  sysctls: z.record(z.string(), z.string()),
  users: z.record(z.string(), z.string()),
});
export type ClusterState = z.infer<typeof stateSchema>;

/** The recorded state; undefined when there is none or a crash cut it off. */
export function readState(layout: ClusterLayout): ClusterState | undefined {
  if (!existsSync(layout.statePath)) return undefined;
  try {
    return stateSchema.parse(JSON.parse(readFileSync(layout.statePath, 'utf8')));
  } catch {
    return undefined;
  }
}

export function writeState(layout: ClusterLayout, state: ClusterState): void {
  writeFileSync(`${layout.statePath}.new`, JSON.stringify(state, null, 2), { mode: 0o600 });
  renameSync(`${layout.statePath}.new`, layout.statePath);
}

/** Whether somebody still relies on the cluster, so that it must not be cleaned away. */
export function inUse(layout: ClusterLayout, state: ClusterState): boolean {
  if (processStartTime(state.owner.pid) === state.owner.startTime) return true;
  return state.keep && state.ready && daemonPid(layout, 'apiserver') !== undefined;
}
