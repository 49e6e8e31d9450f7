import { CoreV1Api, KubeConfig, ListWatch, type V1Pod, Watch } from '@kubernetes/client-node';
import type { PodFacts } from './containers.ts';
import { podFacts } from './pod-facts.ts';

const RESTART_MS_MIN = 500;
const RESTART_MS_MAX = 30_000;
/** A node runs 110 pods by default and 500 at most; deleted ones stay for their last events. */
const PODS_MAX = 2_000;

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

/**
 * Keeps the pods of this node from the API server's list and watch. A pod is written to the API before its
 * containers start, so its uid is normally known before the first event.
 * Errors: a broken watch is logged once per outage and tried again after 0.5 to 30 s.
 */
export function watchPods(options: PodWatchOptions): PodWatch {
  const config = new KubeConfig();
  if (options.kubeconfig === undefined) config.loadFromCluster();
  else config.loadFromFile(options.kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  const fieldSelector = `spec.nodeName=${options.nodeName}`;
  const pods = new Map<string, PodFacts>();
  let connected = false;
  let stopped = false;
  let delayMs = RESTART_MS_MIN;
  let timer: NodeJS.Timeout | undefined;
  const informer = new ListWatch<V1Pod>(
    '/api/v1/pods',
    new Watch(config),
    async () => {
      const list = await api.listPodForAllNamespaces({ fieldSelector });
      // The informer's own "connect" fires before it has asked anything.
      connected = true;
      delayMs = RESTART_MS_MIN;
      return list;
    },
    false,
    undefined,
    fieldSelector,
  );
  const onPod = (value: V1Pod) => {
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
  const start = () => {
    informer.start().catch(onError);
  };
  const onError = (error: unknown) => {
    if (stopped) return;
    if (connected || delayMs === RESTART_MS_MIN) options.log(`pod watch: ${message(error)}; trying again`);
    connected = false;
    clearTimeout(timer);
    timer = setTimeout(start, delayMs * (0.5 + Math.random() / 2));
    timer.unref();
    delayMs = Math.min(delayMs * 2, RESTART_MS_MAX);
  };
  informer.on('add', onPod);
  informer.on('update', onPod);
  informer.on('error', onError);
  start();
  return {
    byUid: (uid) => pods.get(uid),
    connected: () => connected,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await informer.stop();
    },
  };
}

function message(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 300) : String(error).slice(0, 300);
}
