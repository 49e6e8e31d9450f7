import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { ServerConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import { CLUSTER_HELP, type Connection, connect } from './connect.ts';
import { KubeApi } from './kube-api.ts';
import { nodeSchema, podSchema } from './kube-object.ts';
import { cutNode, cutPod, type NodeSummary, type PodSummary } from './pod-summary.ts';
import { WatchCache } from './watch-cache.ts';

const PODS_MAX = 50_000;
const NODES_MAX = 5_000;
const VERSION_TTL_MS = 30_000;
/** Pods change all the time; browsers look again at most this often. */
const NOTIFY_STEP_MS = 2_000;

/** Access to the cluster of one configuration: the API, the caches of nodes and pods, its version. */
export class Cluster {
  readonly connection: Connection;
  readonly api: KubeApi | null;
  readonly nodes: WatchCache<NodeSummary> | null;
  readonly pods: WatchCache<PodSummary> | null;
  #version: { readonly at: number; readonly value: string | null; readonly error: string | null } | undefined;
  #notify: NodeJS.Timeout | undefined;

  constructor(options: {
    readonly kubeconfig: string | undefined;
    readonly log: Logger;
    readonly pool: Pool;
  }) {
    this.connection = connect(options.kubeconfig);
    if (!this.connection.configured) {
      this.api = null;
      this.nodes = null;
      this.pods = null;
      return;
    }
    this.api = new KubeApi(this.connection.kube);
    const { api } = this;
    const { log } = options;
    const onChange = () => {
      this.#notify ??= setTimeout(() => {
        this.#notify = undefined;
        options.pool
          .query(`SELECT pg_notify('eyrie', '{"t":"cluster"}')`)
          .catch((err: unknown) => log.warn({ err }, 'a change of the cluster was not announced'));
      }, NOTIFY_STEP_MS).unref();
    };
    this.nodes = new WatchCache({
      api,
      path: '/api/v1/nodes',
      schema: nodeSchema,
      cut: cutNode,
      max: NODES_MAX,
      log,
      onChange,
    });
    this.pods = new WatchCache({
      api,
      path: '/api/v1/pods',
      schema: podSchema,
      cut: cutPod,
      max: PODS_MAX,
      log,
      onChange,
    });
  }

  /** The API, or the reason why there is none. Errors: unavailable. */
  requireApi(): KubeApi {
    if (this.api !== null) return this.api;
    const error = this.connection.configured ? null : this.connection.error;
    throw new AppError('unavailable', error ?? CLUSTER_HELP, { reason: 'cluster_not_configured' });
  }

  /** Server version, asked at most every 30 s; also the test whether the API answers. */
  async version(): Promise<{ readonly value: string | null; readonly error: string | null }> {
    const now = Date.now();
    if (this.#version !== undefined && now - this.#version.at < VERSION_TTL_MS) return this.#version;
    const found = await this.requireApi()
      .get(z.object({ gitVersion: z.string() }), '/version')
      .then(
        (reply) => ({ at: now, value: reply.gitVersion, error: null }),
        (err: Error) => ({ at: now, value: null, error: err.message.slice(0, 300) }),
      );
    this.#version = found;
    return found;
  }

  async stop(): Promise<void> {
    clearTimeout(this.#notify);
    await Promise.all([this.nodes?.stop(), this.pods?.stop()]);
  }
}

/** Instrumentation and routes are separate module graphs; globalThis is what they share. */
const holder = globalThis as typeof globalThis & { eyrieClusters?: WeakMap<ServerConfig, Cluster> };

/** The cluster of this configuration; the first caller connects it. */
export function getCluster(ctx: {
  readonly config: ServerConfig;
  readonly log: Logger;
  readonly pool: Pool;
}): Cluster {
  holder.eyrieClusters ??= new WeakMap();
  let cluster = holder.eyrieClusters.get(ctx.config);
  if (cluster === undefined) {
    cluster = new Cluster({ kubeconfig: ctx.config.kubeconfig, log: ctx.log, pool: ctx.pool });
    holder.eyrieClusters.set(ctx.config, cluster);
  }
  return cluster;
}
