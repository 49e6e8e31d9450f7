import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import type { z } from 'zod';

const TIMEOUT_MS = 10_000;
/** A page of 500 pods is about 5 MB. */
const REPLY_BYTES_MAX = 64 * 1024 * 1024;

/** An answer that is not 2xx, or no answer (`status` 0). `message` is the API server's own text. */
export class KubeError extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.name = 'KubeError';
    this.status = status;
    this.reason = reason;
  }

  /** By name: each bundle of the server has its own copy of this class, and they share one connection. */
  static override [Symbol.hasInstance](value: unknown): value is KubeError {
    return value instanceof Error && value.name === 'KubeError';
  }
}

type Query = Readonly<Record<string, string | number | undefined>>;
type Options = {
  readonly query?: Query;
  readonly body?: unknown;
  readonly contentType?: string;
  /** Logs are text; everything else is JSON. */
  readonly as?: 'text';
};

/**
 * JSON calls to one API server with the identity of a kubeconfig. Replies are the server's own JSON, not
 * client classes: previews show them and hash them as they are.
 */
export class KubeApi {
  readonly config: KubeConfig;

  constructor(config: KubeConfig) {
    this.config = config;
  }

  async get<S extends z.ZodType>(schema: S, path: string, query?: Query): Promise<z.output<S>> {
    return schema.parse(await this.call('GET', path, query === undefined ? {} : { query }));
  }

  /** Like get; undefined when the object does not exist. */
  async find<S extends z.ZodType>(schema: S, path: string): Promise<z.output<S> | undefined> {
    try {
      return await this.get(schema, path);
    } catch (err) {
      if (err instanceof KubeError && err.status === 404) return undefined;
      throw err;
    }
  }

  /** All items of a list, in pages; stops after `max`. */
  async list<S extends z.ZodType>(
    schema: S,
    path: string,
    options: { readonly max: number; readonly query?: Query },
  ) {
    const items: z.output<S>[] = [];
    let token: string | undefined;
    let resourceVersion = '';
    do {
      const query = { ...options.query, limit: Math.min(500, options.max), continue: token };
      const page = (await this.call('GET', path, { query })) as {
        items?: unknown[];
        metadata?: { continue?: string; resourceVersion?: string };
      };
      for (const item of page.items ?? []) items.push(schema.parse(item));
      token = page.metadata?.continue || undefined;
      resourceVersion = page.metadata?.resourceVersion ?? '';
    } while (token !== undefined && items.length < options.max);
    return { items, resourceVersion, truncated: token !== undefined };
  }

  /** One call. Errors: KubeError. */
  async call(method: string, path: string, options: Options = {}): Promise<unknown> {
    const server = this.config.getCurrentCluster()?.server;
    if (server === undefined) throw new KubeError(0, 'NoCluster', 'the kubeconfig names no cluster');
    const url = new URL(server.replace(/\/$/, '') + path);
    for (const [key, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) url.searchParams.set(key, String(value));
    }
    const auth: RequestOptions = { headers: {} };
    await this.config.applyToHTTPSOptions(auth);
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const headers = {
      ...auth.headers,
      accept: options.as === 'text' ? '*/*' : 'application/json',
      'user-agent': 'eyrie-server',
      ...(body === undefined
        ? {}
        : {
            'content-type': options.contentType ?? 'application/json',
            'content-length': String(Buffer.byteLength(body)),
          }),
    };
    const { status, text } = await send(url, { ...auth, method, headers, timeout: TIMEOUT_MS }, body);
    const ok = status >= 200 && status < 300;
    if (ok && options.as === 'text') return text;
    const reply = parseJson(text);
    if (ok) return reply;
    const { reason, message } = (reply ?? {}) as { reason?: unknown; message?: unknown };
    throw new KubeError(
      status,
      typeof reason === 'string' ? reason : `HTTP ${status}`,
      typeof message === 'string' ? message.slice(0, 1_000) : `the API server answered ${status}`,
    );
  }
}

function send(
  url: URL,
  options: RequestOptions,
  body: string | undefined,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const fail = (err: Error) => reject(new KubeError(0, 'Unreachable', err.message.slice(0, 500)));
    const make = url.protocol === 'http:' ? httpRequest : httpsRequest;
    const req = make(url, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) }, (res) => {
      const parts: Buffer[] = [];
      let size = 0;
      res.on('data', (part: Buffer) => {
        size += part.length;
        if (size > REPLY_BYTES_MAX)
          req.destroy(new Error(`the reply is larger than ${REPLY_BYTES_MAX} bytes`));
        else parts.push(part);
      });
      res.on('end', () =>
        resolve({ status: res.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
      );
      res.on('error', fail);
    });
    req.on('timeout', () => req.destroy(new Error(`no answer within ${TIMEOUT_MS / 1_000} s`)));
    req.on('error', fail);
    req.end(body);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
