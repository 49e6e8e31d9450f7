import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { KubeAccess } from './kube-config.ts';

const BODY_BYTES_MAX = 64 * 1024 * 1024; // 500 pods of 100 KiB
const LINE_BYTES_MAX = 4 * 1024 * 1024; // etcd refuses objects beyond 1.5 MiB
const REPLY_MS_MAX = 15_000;

export type KubeRequest = {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

/** A reply that is not 2xx; `status` 410 asks for a new list. */
export class KubeError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** GET of one JSON document. Errors: KubeError for a refusal, else the network's error. */
export async function kubeGet(access: KubeAccess, request: KubeRequest): Promise<unknown> {
  const res = await open(access, request, REPLY_MS_MAX);
  return JSON.parse(await body(res));
}

/**
 * GET of a stream of JSON lines; resolves when the server ends it.
 * Errors: as kubeGet, and when nothing arrives for `idleMs`.
 */
export async function kubeStream(
  access: KubeAccess,
  request: KubeRequest & { readonly idleMs: number },
  onLine: (value: unknown) => void,
): Promise<void> {
  const res = await open(access, request, request.idleMs);
  let rest = '';
  res.setEncoding('utf8');
  for await (const chunk of res) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_BYTES_MAX) throw new Error(`a line of the watch exceeds ${LINE_BYTES_MAX} bytes`);
    for (const line of lines) if (line !== '') onLine(JSON.parse(line));
  }
}

function open(access: KubeAccess, request: KubeRequest, idleMs: number): Promise<IncomingMessage> {
  const url = new URL(access.server + request.path);
  for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
  const token = access.token();
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
    const req = send(
      url,
      {
        signal: request.signal,
        timeout: idleMs,
        headers: {
          accept: 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        ...(access.ca !== undefined && { ca: access.ca }),
        ...(access.cert !== undefined && { cert: access.cert }),
        ...(access.key !== undefined && { key: access.key }),
        ...(access.serverName !== undefined && { servername: access.serverName }),
        rejectUnauthorized: access.verify,
      },
      (res) => {
        const status = res.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve(res);
        else {
          body(res).then(
            (text) => reject(new KubeError(status, `${request.path}: ${status} ${text.slice(0, 300)}`)),
            reject,
          );
        }
      },
    );
    req.on('timeout', () => req.destroy(new Error(`${url.host}: nothing for ${idleMs} ms`)));
    req.on('error', reject);
    req.end();
  });
}

async function body(res: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of res) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Error(`the reply exceeds ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
