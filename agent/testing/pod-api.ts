import { writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export type PodApi = {
  /** Path of a kubeconfig that leads here. */
  readonly kubeconfig: string;
  /** Adds or changes a pod and tells every watcher. */
  readonly put: (pod: Readonly<Record<string, unknown>>) => void;
  /** Watches accepted so far. */
  readonly watchesBegun: () => number;
  /** Cuts all watches, as an API server does when it restarts. */
  readonly cut: () => void;
  readonly close: () => Promise<void>;
};

/** The two requests of the pod watch, list and watch over HTTP, where no cluster is at hand. */
export async function startPodApi(dir: string): Promise<PodApi> {
  const pods = new Map<string, Readonly<Record<string, unknown>>>();
  const watchers = new Set<ServerResponse>();
  let version = 1;
  let begun = 0;
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://localhost');
    res.setHeader('content-type', 'application/json');
    if (url.searchParams.get('fieldSelector') !== 'spec.nodeName=test-node') {
      res.writeHead(400).end('{}');
    } else if (url.searchParams.get('watch') === 'true') {
      begun++;
      watchers.add(res);
      res.on('close', () => watchers.delete(res));
      res.flushHeaders();
    } else {
      const metadata = { resourceVersion: String(version) };
      res.end(JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata, items: [...pods.values()] }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const kubeconfig = join(dir, 'kubeconfig.json');
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      clusters: [
        { name: 'test', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
      ],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
      users: [{ name: 'test', user: {} }],
    }),
  );
  return {
    kubeconfig,
    put: (pod) => {
      const metadata = pod.metadata as { readonly name: string };
      const stored = { ...pod, metadata: { ...metadata, resourceVersion: String(++version) } };
      const type = pods.has(metadata.name) ? 'MODIFIED' : 'ADDED';
      pods.set(metadata.name, stored);
      for (const res of watchers) res.write(`${JSON.stringify({ type, object: stored })}\n`);
    },
    watchesBegun: () => begun,
    cut: () => {
      for (const res of watchers) res.destroy();
    },
    close: async () => {
      for (const res of watchers) res.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
