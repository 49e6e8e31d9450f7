import type { Proc, ProcEntry } from './proc.ts';
import { CommandError } from './scope.ts';

/** Ending or stopping one of these takes the node, its containers or our own eyes away. */
const NAMES =
  /^(systemd|init|kubelet|kube-apiserver|etcd|containerd|containerd-shim.*|dockerd|docker-init|crio|conmon|cri-dockerd|runc|crun|k3s.*|rke2.*|microk8s.*|probe|eyrie.*)$/;

/** Refuses trees that hold what the node stands on, or the agent. Errors: CommandError that names the process. */
export function refuseProtected(proc: Proc, tree: readonly ProcEntry[], selfPid = process.pid): void {
  const own = new Set<number>();
  for (
    let at = proc.read(selfPid);
    at !== undefined && at.pid > 1 && own.size < 64;
    at = proc.read(at.ppid)
  ) {
    own.add(at.pid);
    // Other ends of the agent's pipe, as the probe is, are its parent's children.
    if (at.pid === selfPid) own.add(at.ppid);
  }
  for (const one of tree) {
    const why = reason(one, own);
    if (why !== undefined) throw new CommandError(`Process ${one.pid} (${one.name}) is protected: ${why}.`);
  }
}

function reason(one: ProcEntry, own: ReadonlySet<number>): string | undefined {
  if (one.pid === 1) return 'it is the first process of the node';
  if (one.pid === 2 || one.ppid === 2) return 'it is a thread of the kernel';
  if (own.has(one.pid)) return 'it is the agent or started it';
  // The name is what a process calls itself; inside a container it proves nothing and must not shield it.
  const file = one.exe?.split('/').at(-1);
  if (one.containerId === null && NAMES.test(file ?? one.name))
    return 'the node or its containers depend on it';
  return undefined;
}
