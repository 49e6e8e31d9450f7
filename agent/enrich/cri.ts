import { GRPC_NOT_FOUND, GrpcClient, GrpcError } from './grpc.ts';
import { fieldOf, readMessage, textMapOf, textOf, writeText } from './protobuf.ts';

const SERVICE = '/runtime.v1.RuntimeService';
const TIMEOUT_MS = 500;
const IN_FLIGHT_MAX = 8;
/** A node runs 110 pods by default; 1,024 × about 200 B = 200 KiB. */
const WAITING_MAX = 1_024;
const NEGATIVE_MS = 2_000;
const NEGATIVE_MAX = 4_096;
/** Limits of the wire: names as in Kubernetes, references as in core/wire. */
const NAME_CHARS_MAX = 253;
const UID_CHARS_MAX = 64;
const IMAGE_CHARS_MAX = 512;

/** What the container runtime knows of a container, mostly from labels that the kubelet gave it. */
export type CriFacts = {
  /** Absent for a pod's sandbox ("pause"), which is no container of the pod. */
  readonly name: string | undefined;
  readonly image: string | undefined;
  readonly podName: string | undefined;
  readonly namespace: string | undefined;
  readonly podUid: string | undefined;
};

export type CriSource = {
  /** undefined = not now: unknown a moment ago, or already being asked. Never rejects. */
  readonly ask: (containerId: string) => Promise<CriFacts | undefined> | undefined;
  readonly stop: () => void;
};

export type CriOptions = {
  readonly socketPath: string;
  readonly nowMs?: () => number;
  /** Told once when the runtime stops answering and once when it answers again. */
  readonly log: (line: string) => void;
};

/** Looks containers up in the container runtime (CRI v1). Errors: none reach the caller; see `ask`. */
export function criSource({ socketPath, nowMs = () => performance.now(), log }: CriOptions): CriSource {
  const client = new GrpcClient(socketPath);
  const asking = new Set<string>();
  const unknownUntil = new Map<string, number>();
  const waiting: (() => void)[] = [];
  let inFlight = 0;
  let isDown = false;
  let isStopped = false;

  function tell(fault: string | undefined): void {
    if (isStopped || isDown === (fault !== undefined)) return;
    isDown = fault !== undefined;
    log(isDown ? `container runtime ${socketPath}: ${fault}` : `container runtime ${socketPath} answers`);
  }

  async function lookUp(id: string): Promise<CriFacts | undefined> {
    if (inFlight >= IN_FLIGHT_MAX) await new Promise<void>((resolve) => waiting.push(resolve));
    // A slot is handed over, not freed and taken, so that nobody can come between.
    else inFlight++;
    try {
      const facts = isStopped ? undefined : await containerFacts(client, id);
      tell(undefined);
      return facts;
    } catch (err) {
      tell(reason(err));
      return undefined;
    } finally {
      const next = waiting.shift();
      if (next === undefined) inFlight--;
      else next();
    }
  }

  return {
    ask: (id) => {
      if (isStopped || asking.has(id) || waiting.length >= WAITING_MAX) return undefined;
      if ((unknownUntil.get(id) ?? -Infinity) > nowMs()) return undefined;
      asking.add(id);
      return lookUp(id).then((facts) => {
        asking.delete(id);
        unknownUntil.delete(id);
        if (facts === undefined) {
          const oldest = unknownUntil.size >= NEGATIVE_MAX ? unknownUntil.keys().next() : undefined;
          if (oldest !== undefined && !oldest.done) unknownUntil.delete(oldest.value);
          unknownUntil.set(id, nowMs() + NEGATIVE_MS);
        }
        return facts;
      });
    },
    stop: () => {
      isStopped = true;
      client.close();
    },
  };
}

/** Name and version of the runtime behind a socket. Errors: rejects as GrpcClient.call does. */
export async function criVersion(socketPath: string, timeoutMs: number): Promise<string> {
  const client = new GrpcClient(socketPath);
  try {
    const answer = readMessage(await client.call(`${SERVICE}/Version`, writeText(1, 'v1'), timeoutMs));
    const name = textOf(answer, 2, 64);
    if (name === undefined) throw new Error('the answer is not that of a container runtime');
    return `${name} ${textOf(answer, 3, 64) ?? ''}`.trim();
  } finally {
    client.close();
  }
}

/** A sandbox is no container to the runtime, yet it has a cgroup of its own and so an id that we see. */
async function containerFacts(client: GrpcClient, id: string): Promise<CriFacts | undefined> {
  const container = await askAbout(client, 'ContainerStatus', id);
  if (container !== undefined) return readContainerStatus(container);
  const sandbox = await askAbout(client, 'PodSandboxStatus', id);
  return sandbox === undefined ? undefined : readSandboxStatus(sandbox);
}

async function askAbout(client: GrpcClient, method: string, id: string): Promise<Uint8Array | undefined> {
  try {
    return await client.call(`${SERVICE}/${method}`, writeText(1, id), TIMEOUT_MS);
  } catch (err) {
    if (err instanceof GrpcError && err.status === GRPC_NOT_FOUND) return undefined;
    throw err;
  }
}

/**
 * Errors: undefined for anything but a ContainerStatusResponse with a status.
 * Source: k8s.io/cri-api runtime/v1/api.proto; status 1 { metadata 2 { name 1 }, image 8, labels 12 }.
 */
export function readContainerStatus(response: Uint8Array): CriFacts | undefined {
  const status = messageAt(readMessage(response), 1);
  if (status === undefined) return undefined;
  const labels = textMapOf(status, 12, IMAGE_CHARS_MAX);
  const image = messageAt(status, 8);
  return {
    ...podOf(labels),
    name:
      labels.get('io.kubernetes.container.name')?.slice(0, NAME_CHARS_MAX) ??
      textOf(messageAt(status, 2), 1, NAME_CHARS_MAX),
    // 18 is what people wrote, from Kubernetes 1.28 on; 1 is what the runtime resolved it to.
    image: textOf(image, 18, IMAGE_CHARS_MAX) ?? textOf(image, 1, IMAGE_CHARS_MAX),
  };
}

/** As readContainerStatus, for status 1 { labels 7 } of a PodSandboxStatusResponse. */
export function readSandboxStatus(response: Uint8Array): CriFacts | undefined {
  const status = messageAt(readMessage(response), 1);
  if (status === undefined) return undefined;
  return { ...podOf(textMapOf(status, 7, IMAGE_CHARS_MAX)), name: undefined, image: undefined };
}

function podOf(labels: ReadonlyMap<string, string>): Pick<CriFacts, 'podName' | 'namespace' | 'podUid'> {
  return {
    podName: labels.get('io.kubernetes.pod.name')?.slice(0, NAME_CHARS_MAX),
    namespace: labels.get('io.kubernetes.pod.namespace')?.slice(0, NAME_CHARS_MAX),
    podUid: labels.get('io.kubernetes.pod.uid')?.slice(0, UID_CHARS_MAX),
  };
}

function messageAt(fields: ReturnType<typeof readMessage>, number: number): ReturnType<typeof readMessage> {
  const bytes = fieldOf(fields, number);
  return bytes === undefined ? undefined : readMessage(bytes);
}

function reason(err: unknown): string {
  return (err instanceof Error ? err.message : String(err)).slice(0, 300);
}
