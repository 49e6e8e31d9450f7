import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { PodFacts } from './containers.ts';
import { KubeError, kubeGet, kubeStream } from './kube-client.ts';
import { type KubeAccess, kubeAccess } from './kube-config.ts';
import { podFacts } from './pod-facts.ts';

const RESTART_MS_MIN = 500;
const RESTART_MS_MAX = 30_000;
/** The server ends each watch after this long; silence for longer means the connection is dead. */
const WATCH_SECONDS = 60;
const IDLE_MS = (WATCH_SECONDS + 15) * 1_000;
/** A node runs 110 pods by default and 500 at most; deleted ones stay for their last events. */
const PODS_MAX = 2_000;
const PATH = '/api/v1/pods';

export type PodWatchOptions = {
  /** Path of a kubeconfig; without it the pod's own service account is used. */
  readonly kubeconfig?: string | undefined;
  readonly nodeName: string;
  readonly onPod: (pod: PodFacts) => void;
  readonly log: (line: string) => void;
};

export type PodWatch = {
  readonly byUid: (uid: string) => PodFacts | undefined;
  readonly connected: () => boolean;
  readonly stop: () => Promise<void>;
};

const listSchema = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  items: z.array(z.unknown()),
});
const versioned = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const changeSchema = z.object({ type: z.string(), object: z.unknown() });

/**
 * Keeps the pods of this node from the API server's list and watch. A pod is written to the API before its
 * containers start, so its uid is normally known before the first event. The official client would do this
 * too, for 80 MiB of memory on every node.
 * Errors: a broken watch is logged once per outage and begun again after 0.5 to 30 s.
 */
export function watchPods(options: PodWatchOptions): PodWatch {
  const access = kubeAccess(options.kubeconfig);
  const stopping = new AbortController();
  const pods = new Map<string, PodFacts>();
  const state = { connected: false };
  const onPod = (value: unknown) => {
    const pod = podFacts(value);
    if (pod === undefined) return;
    pods.delete(pod.uid);
    pods.set(pod.uid, pod);
    if (pods.size > PODS_MAX) {
      const oldest = pods.keys().next().value;
      if (oldest !== undefined) pods.delete(oldest);
    }
    options.onPod(pod);
  };
  const running = follow({ ...options, access, signal: stopping.signal, onPod, state });
  return {
    byUid: (uid) => pods.get(uid),
    connected: () => state.connected,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

type Follow = {
  readonly access: KubeAccess;
  readonly nodeName: string;
  readonly signal: AbortSignal;
  readonly onPod: (value: unknown) => void;
  readonly log: (line: string) => void;
  readonly state: { connected: boolean };
};

/** List, then watch from there for as long as the server remembers where we are; then list again. */
async function follow(f: Follow): Promise<void> {
  let delayMs = RESTART_MS_MIN;
  let reported = false;
  while (!f.signal.aborted) {
    try {
      let version = await list(f);
      f.state.connected = true;
      delayMs = RESTART_MS_MIN;
      reported = false;
      for (;;) {
        version = await watch(f, version);
        // Nothing is missed meanwhile, and a server that ends every watch at once is not hammered.
        await delay(RESTART_MS_MIN, undefined, { signal: f.signal, ref: false });
      }
    } catch (error) {
      if (f.signal.aborted) return;
      f.state.connected = false;
      const expired = error instanceof KubeError && error.status === 410;
      if (!expired && !reported) f.log(`pod watch: ${message(error)}; trying again`);
      reported ||= !expired;
      await delay(delayMs * (0.5 + Math.random() / 2), undefined, { signal: f.signal, ref: false }).catch(
        () => undefined,
      );
      delayMs = Math.min(delayMs * 2, RESTART_MS_MAX);
    }
  }
}

async function list(f: Follow): Promise<string> {
  const query = { fieldSelector: `spec.nodeName=${f.nodeName}` };
  const { items, metadata } = listSchema.parse(
    await kubeGet(f.access, { path: PATH, query, signal: f.signal }),
  );
  for (const item of items) f.onPod(item);
  return metadata.resourceVersion;
}

async function watch(f: Follow, from: string): Promise<string> {
  let version = from;
  const query = {
    fieldSelector: `spec.nodeName=${f.nodeName}`,
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: from,
    timeoutSeconds: String(WATCH_SECONDS),
  };
  await kubeStream(f.access, { path: PATH, query, signal: f.signal, idleMs: IDLE_MS }, (line) => {
    const { type, object } = changeSchema.parse(line);
    if (type === 'ERROR') throw new KubeError(410, 'the server asks for a new list');
    version = versioned.parse(object).metadata.resourceVersion;
    if (type === 'ADDED' || type === 'MODIFIED') f.onPod(object);
  });
  return version;
}

function message(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 300) : String(error).slice(0, 300);
}
