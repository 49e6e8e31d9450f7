import type { PreflightItem } from '../../core/wire/agents.ts';
import type { Hello } from '../decode/raw.ts';
import { checkBlindSpots } from './blind-spots.ts';
import { checkAuditLog, checkCriSocket, checkKubernetes } from './cluster-checks.ts';
import {
  checkBtf,
  checkBuildTools,
  checkCgroups,
  checkKernel,
  checkPrivileges,
  checkPrograms,
  checkTracefs,
} from './kernel-checks.ts';

export type PreflightOptions = {
  readonly kubeconfig?: string | undefined;
  readonly auditLog?: string | undefined;
  readonly criSocket?: string | undefined;
  /** Of a running probe: what is attached answers better than what could be. */
  readonly hello?: Hello | undefined;
};

type Check = { readonly name: string; readonly run: () => PreflightItem | Promise<PreflightItem> };

/**
 * Says what this machine lets the agent see, with a remedy for everything it does not.
 * Errors: never throws; a check that breaks is itself reported as blind.
 */
export async function preflight(options: PreflightOptions = {}): Promise<readonly PreflightItem[]> {
  return Promise.all([...kernelChecks(options.hello), ...clusterChecks(options)].map(guarded));
}

function kernelChecks(hello: Hello | undefined): readonly Check[] {
  if (hello !== undefined) {
    return [
      { name: 'kernel events', run: () => attachedHooks(hello) },
      { name: 'blind spots', run: () => checkBlindSpots(hello.calls32) },
    ];
  }
  if (process.platform !== 'linux') {
    return [{ name: 'kernel events', run: () => notLinux() }];
  }
  return [
    { name: 'kernel', run: checkKernel },
    { name: 'btf', run: checkBtf },
    { name: 'privileges', run: checkPrivileges },
    { name: 'bpf programs', run: checkPrograms },
    { name: 'tracefs', run: checkTracefs },
    { name: 'cgroups', run: checkCgroups },
    { name: 'probe build', run: checkBuildTools },
  ];
}

function clusterChecks(options: PreflightOptions): readonly Check[] {
  return [
    { name: 'audit log', run: () => checkAuditLog(options.auditLog) },
    { name: 'container runtime', run: () => checkCriSocket(options.criSocket) },
    { name: 'kubernetes api', run: () => checkKubernetes(options.kubeconfig) },
  ];
}

function attachedHooks(hello: Hello): PreflightItem {
  const names = (hooks: readonly string[]) => hooks.map((name) => name.replace(/^(sys|on)_/, '')).join(', ');
  const { readHost, readContainer, writeHost, writeContainer } = hello;
  const opens = `opens sent: host reads ${readHost}, container reads ${readContainer}, host writes ${writeHost}, container writes ${writeContainer}`;
  const detail = [
    `${hello.attached.length} hooks on kernel ${hello.kernel}, cgroup ${hello.cgroup}: ${names(hello.attached)}`,
    `${opens} (prefix = one of ${hello.prefixes} paths)`,
    ...(hello.missing.length === 0 ? [] : [`this kernel has no ${names(hello.missing)}`]),
  ];
  return { name: 'kernel events', state: 'ok', detail: detail.join('; ').slice(0, 1_024) };
}

function notLinux(): PreflightItem {
  return {
    name: 'kernel events',
    state: 'blind',
    detail: `${process.platform} has no eBPF: processes, files and connections are not seen`,
    fix: 'Run the agent on Linux nodes; the server and the dashboard work here.',
  };
}

async function guarded(check: Check): Promise<PreflightItem> {
  try {
    return await check.run();
  } catch (error) {
    const detail = `the check itself failed: ${error instanceof Error ? error.message : String(error)}`;
    return { name: check.name, state: 'blind', detail: detail.slice(0, 1_000) };
  }
}
