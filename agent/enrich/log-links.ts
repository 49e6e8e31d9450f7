import { type FSWatcher, readdirSync, watch } from 'node:fs';

/** A node runs 110 pods by default; links of ended containers stay for a while. */
const LINKS_MAX = 8_192;
const RETRY_MS = 10_000;
/** Source: kubelet, legacyLogSymlink: `<pod>_<namespace>_<container>-<id>.log`. None of the names has a `_`. */
const LINK = /^([a-z0-9.-]{1,253})_([a-z0-9-]{1,63})_([a-z0-9-]{1,63})-([0-9a-f]{64})\.log$/;

export type LinkFacts = { readonly podName: string; readonly namespace: string; readonly name: string };

export type LogLinks = {
  readonly byId: (containerId: string) => LinkFacts | undefined;
  /** False while no kubelet is known to keep links here: then nobody waits for one. */
  readonly isUsed: () => boolean;
  readonly stop: () => void;
};

export type LogLinksOptions = {
  /** /var/log/containers of the node. */
  readonly dir: string;
  readonly onLink: (containerId: string) => void;
};

/**
 * Container names from the links to their logs, which the kubelet makes the moment a container has started:
 * a second or two before the pod's status has its id, and readable without any right.
 * Errors: none; a directory that is not there is looked for again every ten seconds.
 */
export function watchLogLinks({ dir, onLink }: LogLinksOptions): LogLinks {
  const links = new Map<string, LinkFacts>();
  let watcher: FSWatcher | undefined;
  let retry: NodeJS.Timeout | undefined;

  function take(file: string | null): void {
    const [, podName, namespace, name, id] = LINK.exec(file ?? '') ?? [];
    if (podName === undefined || namespace === undefined || name === undefined || id === undefined) return;
    // A link is announced when it goes, too; what it said stays true.
    if (links.has(id)) return;
    links.set(id, { podName, namespace, name });
    const oldest = links.size > LINKS_MAX ? links.keys().next() : undefined;
    if (oldest !== undefined && !oldest.done) links.delete(oldest.value);
    if (watcher !== undefined) onLink(id);
  }

  function open(): void {
    try {
      const opened = watch(dir, { persistent: false }, (_, file) => take(file));
      opened.on('error', again);
      for (const file of readdirSync(dir)) take(file);
      watcher = opened;
    } catch {
      again();
    }
  }

  function again(): void {
    watcher?.close();
    watcher = undefined;
    clearTimeout(retry);
    retry = setTimeout(open, RETRY_MS);
    retry.unref();
  }

  open();
  return {
    byId: (id) => links.get(id),
    isUsed: () => watcher !== undefined && links.size > 0,
    stop: () => {
      clearTimeout(retry);
      watcher?.close();
    },
  };
}
