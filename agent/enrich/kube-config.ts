import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const IN_CLUSTER_SERVER = 'https://kubernetes.default.svc';
const FILE_BYTES_MAX = 1024 * 1024;

/** What is needed to speak to one API server. */
export type KubeAccess = {
  readonly server: string;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly serverName: string | undefined;
  readonly verify: boolean;
  /** Asked for every request, because service account tokens are replaced while the agent runs. */
  readonly token: () => string | undefined;
};

const text = z.string().nullish();
const configSchema = z.object({
  'current-context': z.string(),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.object({
        server: z.url({ protocol: /^https?$/ }),
        'certificate-authority': text,
        'certificate-authority-data': text,
        'insecure-skip-tls-verify': z.boolean().nullish(),
        'tls-server-name': text,
      }),
    }),
  ),
  contexts: z.array(
    z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) }),
  ),
  users: z.array(
    z.object({
      name: z.string(),
      user: z
        .object({
          'client-certificate': text,
          'client-certificate-data': text,
          'client-key': text,
          'client-key-data': text,
          token: text,
          tokenFile: text,
          exec: z.unknown().optional(),
        })
        .nullish(),
    }),
  ),
});

export const inCluster = (): boolean => existsSync(`${SERVICE_ACCOUNT}/token`);

/**
 * Access from a kubeconfig's current context, or from the pod's own service account.
 * Errors: throws with the file and what is wrong in it; login helpers (exec) are refused by name.
 */
export function kubeAccess(path: string | undefined): KubeAccess {
  return path === undefined ? serviceAccount() : fromKubeconfig(path);
}

function serviceAccount(): KubeAccess {
  return {
    server: IN_CLUSTER_SERVER,
    ca: readText(`${SERVICE_ACCOUNT}/ca.crt`),
    cert: undefined,
    key: undefined,
    serverName: undefined,
    verify: true,
    token: () => readText(`${SERVICE_ACCOUNT}/token`).trim(),
  };
}

function fromKubeconfig(path: string): KubeAccess {
  const parsed = configSchema.safeParse(parse(readText(path)));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  const { clusters, contexts, users, 'current-context': current } = parsed.data;
  const context = contexts.find((c) => c.name === current)?.context;
  const cluster = clusters.find((c) => c.name === context?.cluster)?.cluster;
  const user = users.find((u) => u.name === context?.user)?.user;
  if (cluster === undefined) throw new Error(`${path}: context "${current}" names no known cluster`);
  if (user?.exec !== undefined) throw new Error(`${path}: login by a helper program (exec) is not supported`);
  const verify = cluster['insecure-skip-tls-verify'] !== true;
  if (verify && cluster.server.startsWith('http:')) {
    throw new Error(`${path}: ${cluster.server} is not encrypted; the agent sends no credentials there`);
  }
  /** Inline data wins over a file; files are relative to the kubeconfig. */
  const material = (data: string | null | undefined, file: string | null | undefined) => {
    if (data) return Buffer.from(data, 'base64').toString('utf8');
    return file ? readText(resolve(dirname(path), file)) : undefined;
  };
  const tokenFile = user?.tokenFile;
  return {
    server: cluster.server.replace(/\/$/, ''),
    ca: material(cluster['certificate-authority-data'], cluster['certificate-authority']),
    cert: material(user?.['client-certificate-data'], user?.['client-certificate']),
    key: material(user?.['client-key-data'], user?.['client-key']),
    serverName: cluster['tls-server-name'] ?? undefined,
    verify,
    token: () =>
      user?.token ??
      (tokenFile ? readText(resolve(dirname(path), tokenFile)).trim() : undefined) ??
      undefined,
  };
}

function readText(path: string): string {
  const content = readFileSync(path, 'utf8');
  if (content.length > FILE_BYTES_MAX) throw new Error(`${path}: larger than ${FILE_BYTES_MAX} bytes`);
  return content;
}
