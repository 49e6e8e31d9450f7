import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { AGENT_SECRET_HEADER } from '../../core/wire/agents.ts';
import { problemSchema } from '../../core/wire/problem.ts';
import { parseJson } from '../parse-json.ts';

export type HttpReply = { readonly status: number; readonly retryAfterMs: number; readonly body: string };

export type HttpRequest = {
  /** Default POST. */
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
};

/** A ruleset of 8 MiB is far above any real one; more is not read. */
const REPLY_BYTES_MAX = 16 * 1024 * 1024;
const RETRY_AFTER_MS_MAX = 60_000;

/**
 * Posts to the server over one kept connection, with the agent's token, which is read anew for each request
 * so that it can be rotated.
 * Errors: rejects on connection faults, timeouts, replies over 16 MiB and an unreadable token file.
 */
export class HttpClient {
  readonly #base: URL;
  readonly #tokenFile: string;
  readonly #secret: string | undefined;
  readonly #agent: HttpAgent;

  constructor(options: {
    readonly server: string;
    readonly tokenFile: string;
    /** Binds the agent's id to this agent, whoever else has the token. */
    readonly secret?: string;
  }) {
    this.#base = new URL(options.server);
    this.#secret = options.secret;
    this.#tokenFile = options.tokenFile;
    const keep = { keepAlive: true, maxSockets: 2, keepAliveMsecs: 10_000 };
    this.#agent = this.#base.protocol === 'https:' ? new HttpsAgent(keep) : new HttpAgent(keep);
  }

  post({ method = 'POST', path, body, headers, timeoutMs, signal }: HttpRequest): Promise<HttpReply> {
    const send = this.#base.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const req = send(
        new URL(`${this.#base.pathname.replace(/\/$/, '')}${path}`, this.#base),
        {
          method,
          agent: this.#agent,
          timeout: timeoutMs,
          ...(signal === undefined ? {} : { signal }),
          headers: {
            ...headers,
            authorization: `Bearer ${readFileSync(this.#tokenFile, 'utf8').trim()}`,
            ...(this.#secret === undefined ? {} : { [AGENT_SECRET_HEADER]: this.#secret }),
            'content-length': body.length,
          },
        },
        (res) => readReply(res).then(resolve, reject),
      );
      // The socket timeout sees silence only; the deadline also ends a reply that trickles.
      const deadline = setTimeout(() => req.destroy(new Error(`no reply in ${timeoutMs} ms`)), timeoutMs);
      req.on('error', reject);
      req.on('timeout', () => req.destroy(new Error(`no reply in ${timeoutMs} ms`)));
      req.on('close', () => clearTimeout(deadline));
      req.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** What a failed request says in words, without the request id, so that equal failures read equal. */
export function describeProblem({ status, body }: HttpReply): string {
  const problem = problemSchema.safeParse(parseJson(body));
  return problem.success ? `${status} ${problem.data.code}: ${problem.data.message}` : `status ${status}`;
}

async function readReply(res: IncomingMessage): Promise<HttpReply> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of res) {
    bytes += part.length;
    if (bytes > REPLY_BYTES_MAX) throw new Error(`the reply is larger than ${REPLY_BYTES_MAX} bytes`);
    parts.push(part);
  }
  const seconds = Number(res.headers['retry-after']);
  const retryAfterMs = Number.isFinite(seconds)
    ? Math.min(Math.max(0, seconds * 1_000), RETRY_AFTER_MS_MAX)
    : 0;
  return { status: res.statusCode ?? 0, retryAfterMs, body: Buffer.concat(parts).toString() };
}
