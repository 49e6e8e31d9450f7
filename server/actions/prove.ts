import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Action } from '../../prisma/generated/client.ts';
import { sensorState } from '../agents/list.ts';
import { appendAudit } from '../audit-trail/append.ts';
import type { KubeApi } from '../cluster/kube-api.ts';
import { nodeSchema, podSchema } from '../cluster/kube-object.ts';
import type { Ctx } from '../context.ts';
import { podPath } from './quarantine.ts';
import { addActionEntry, notify } from './record.ts';
import { nodeAddresses, readTraffic } from './traffic.ts';
import { judge, type Observation } from './verdict.ts';

type PodTarget = { readonly kind: 'pod'; readonly namespace: string; readonly name: string };
export type Probe = {
  readonly ip: string | null;
  readonly node: string | null;
  readonly openPorts: readonly number[];
  /** The server runs in the node's own network, from where Kubernetes lets every pod be reached. */
  readonly onPodsNode: boolean;
};

const PORTS_MAX = 5;
/** tcpmux, which no image serves. */
const UNSERVED_PORT = 1;
const CONNECT_MS = 800;
const STEP_MS = 1_000;
/** Twice the longest watch there can be: settling, up to a minute to the next one, that one, delivery. */
const WATCH_MS = 4 * 60_000;

/**
 * Tries the pod's declared TCP ports from the server, while they may still answer. Where a port answers
 * that no pod serves, something in between answers for everything (a transparent proxy, a mesh): then
 * none of the answers is the pod's.
 */
export async function probeBefore(api: KubeApi, target: PodTarget): Promise<Probe> {
  const pod = await api.find(podSchema, podPath(target));
  const ip = pod?.status.podIP ?? null;
  const node = pod?.spec.nodeName ?? null;
  const onPodsNode = node !== null && (await runsOn(api, node));
  const ports = (pod?.spec.containers ?? [])
    .flatMap((container) => container.ports)
    .filter((port) => port.protocol === 'TCP')
    .slice(0, PORTS_MAX)
    .map((port) => port.containerPort);
  return {
    ip,
    node,
    openPorts:
      ip === null || onPodsNode || (await opens(ip, UNSERVED_PORT)) ? [] : await openPorts(ip, ports),
    onPodsNode,
  };
}

async function runsOn(api: KubeApi, node: string): Promise<boolean> {
  const found = await api.find(nodeSchema, `/api/v1/nodes/${encodeURIComponent(node)}`);
  const own = new Set(
    Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .map(({ address }) => address),
  );
  return (found?.status.addresses ?? []).some(({ address }) => own.has(address));
}

/** Watches what the policy does and stores the verdict; the request that applied it does not wait. */
export function proveInBackground(options: ProofInput): void {
  prove(options).catch((err: unknown) => {
    options.ctx.log.error({ err, action: options.action.id }, 'the proof of a quarantine failed');
  });
}

type ProofInput = {
  readonly ctx: Ctx;
  readonly api: KubeApi;
  readonly action: Action;
  readonly target: PodTarget;
  readonly probe: Probe;
  readonly appliedAt: Date;
};

/** Observes until the verdict is certain or the time is over, then records it. */
export async function prove(options: ProofInput): Promise<void> {
  const { ctx, appliedAt } = options;
  const end = appliedAt.getTime() + WATCH_MS;
  for (;;) {
    const observation = await look(options);
    const verdict = judge(observation);
    if (verdict.final || ctx.now().getTime() >= end) {
      await storeProof({ ...options, proof: verdict.proof, detail: verdict.detail });
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

async function look({ ctx, api, target, probe, appliedAt }: ProofInput): Promise<Observation> {
  const { clusterId } = ctx.config;
  const fromNode =
    probe.ip === null || probe.node === null
      ? new Set<string>()
      : await nodeAddresses(ctx, probe.node, probe.ip);
  const [pod, portsNow, traffic, agent] = await Promise.all([
    api.find(podSchema, podPath(target)),
    probe.ip === null ? [] : openPorts(probe.ip, probe.openPorts),
    readTraffic(ctx, target, appliedAt, fromNode),
    probe.node === null
      ? null
      : ctx.db.agent.findFirst({ where: { clusterId, node: probe.node }, orderBy: { lastSeenAt: 'desc' } }),
  ]);
  const now = ctx.now();
  return {
    sinceMs: now.getTime() - appliedAt.getTime(),
    podRuns: pod?.status.phase === 'Running' && pod.status.podIP === probe.ip,
    portsBefore: probe.openPorts,
    portsNow,
    onPodsNode: probe.onPodsNode,
    sensor: agent === null ? 'none' : sensorState(agent, now.getTime()),
    ...traffic,
  };
}

/** Stores proof and, when the effect was seen, the status `verified`; writes trail and timeline. */
export async function storeProof(options: {
  readonly ctx: Ctx;
  readonly action: Action;
  readonly target: PodTarget;
  readonly proof: 'enforced' | 'unproven';
  readonly detail: string;
}): Promise<void> {
  const { ctx, action, proof, detail } = options;
  const now = ctx.now();
  await ctx.db.$transaction(async (tx) => {
    // Somebody may have released the pod meanwhile: then `undone` stands.
    const { count } = await tx.action.updateMany({
      where: { id: action.id, status: 'applied', endedAt: null },
      data: {
        proof,
        proofDetail: detail,
        endedAt: now,
        status: proof === 'enforced' ? 'verified' : 'applied',
      },
    });
    if (count === 0) return;
    const { namespace, name } = options.target;
    const summary = `Quarantine of ${namespace}/${name} is ${proof === 'enforced' ? 'enforced' : 'not proved'}. ${detail}`;
    const line = {
      step: 'proof',
      time: now,
      summary,
      outcome: 'ok',
      actor: 'Eyrie',
      target: options.target,
    } as const;
    await addActionEntry(tx, action, line);
    await notify(tx, { t: 'action', id: action.id });
    await appendAudit(
      tx,
      { actor: { kind: 'system', name: 'actions' }, now: ctx.now },
      { verb: 'action.quarantine.proof', target: `action:${action.id}`, detail: { proof, detail } },
    );
  });
}

async function openPorts(ip: string, ports: readonly number[]): Promise<readonly number[]> {
  const open = await Promise.all(ports.map((port) => opens(ip, port)));
  return ports.filter((_, index) => open[index]);
}

function opens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
