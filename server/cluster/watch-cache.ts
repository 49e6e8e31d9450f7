import { ListWatch, Watch } from '@kubernetes/client-node';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { KubeApi } from './kube-api.ts';

const RETRY_MS = 5_000;
type Named = { readonly metadata: { readonly name: string; readonly namespace?: string | undefined } };

/**
 * Keeps one kind of object in memory by list and watch, so that pages never reach the API server. Each
 * object is cut down to `schema`'s output first: a pod summary is about 1 KB, so 50,000 pods are 50 MB.
 */
export class WatchCache<T extends Named> {
  readonly #watch: ListWatch<never>;
  readonly #log: Logger;
  readonly #path: string;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #ready: Promise<void>;
  /** When the API server last answered; null before the first list. */
  contactAt: Date | null = null;
  error: string | null = null;
  truncated = false;

  constructor(options: {
    readonly api: KubeApi;
    readonly path: string;
    readonly schema: z.ZodType<unknown>;
    readonly cut: (object: unknown) => T;
    readonly max: number;
    readonly log: Logger;
    readonly onChange: () => void;
  }) {
    const { api, path, cut, max, onChange } = options;
    this.#log = options.log;
    this.#path = path;
    const touched = () => {
      this.contactAt = new Date();
      this.error = null;
    };
    class CuttingWatch extends Watch {
      override watch(...[where, query, callback, done]: Parameters<Watch['watch']>) {
        const receive: typeof callback = (phase, object, whole) => {
          touched();
          callback(phase, phase === 'ERROR' || phase === 'BOOKMARK' ? object : cut(object), whole);
        };
        return super.watch(where, { ...query, allowWatchBookmarks: true }, receive, (err) => {
          // The watch ends by itself after 30 silent seconds; the next one is the proof of contact.
          if (err === null || err?.name === 'TimeoutError') touched();
          done(err);
        });
      }
    }
    let firstList = () => {};
    this.#ready = new Promise((resolve) => {
      firstList = resolve;
    });
    const list = async () => {
      const { items, resourceVersion, truncated } = await api.list(options.schema, path, { max });
      this.truncated = truncated;
      touched();
      firstList();
      return { items: items.map(cut), metadata: { resourceVersion } } as never;
    };
    this.#watch = new ListWatch<never>(path, new CuttingWatch(api.config), list, false);
    this.#watch.on('change', onChange);
    this.#watch.on('error', (err) => {
      this.error = err instanceof Error ? err.message.slice(0, 300) : 'the watch failed';
      firstList();
      this.#retry();
    });
    this.#start();
  }

  /** Resolves when the first list arrived or failed. */
  ready(): Promise<void> {
    return this.#ready;
  }

  get(name: string, namespace?: string): T | undefined {
    return this.#watch.get(name, namespace) as T | undefined;
  }

  list(): readonly T[] {
    return this.#watch.list() as unknown as readonly T[];
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#watch.stop();
  }

  #start(): void {
    this.#watch.start().catch((err: unknown) => {
      this.error = err instanceof Error ? err.message.slice(0, 300) : 'the watch failed';
      this.#retry();
    });
  }

  #retry(): void {
    if (this.#stopped) return;
    this.#log.warn({ path: this.#path, error: this.error }, 'watching the cluster is interrupted');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#start(), RETRY_MS);
    this.#timer.unref();
  }
}
