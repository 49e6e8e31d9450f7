import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import type { ClusterLayout } from './paths.ts';

export type ApiReply = { readonly status: number; readonly body: unknown };
/** Answers above this are cut off: a test never needs more. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** The API server as the administrator sees it, for waiting and checking without a kubectl each time. */
export class KubeApi {
  readonly #port: number;
  readonly #ca: Buffer;
  readonly #cert: Buffer;
  readonly #key: Buffer;

  constructor(layout: ClusterLayout, port: number) {
    this.#port = port;
    this.#ca = readFileSync(join(layout.pkiDir, 'ca.crt'));
    this.#cert = readFileSync(join(layout.pkiDir, 'admin.crt'));
    this.#key = readFileSync(join(layout.pkiDir, 'admin.key'));
  }

  /** One request. `token` replaces the administrator's certificate. Errors: rejects when nothing answers in 10 s. */
  call(method: string, path: string, options: { body?: object; token?: string } = {}): Promise<ApiReply> {
    const { body, token } = options;
    return new Promise((resolve, reject) => {
      const req = request(
        {
          host: '127.0.0.1',
          port: this.#port,
          method,
          path,
          ca: this.#ca,
          ...(token === undefined ? { cert: this.#cert, key: this.#key } : {}),
          headers: {
            'user-agent': 'testcluster/1',
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          agent: false,
          timeout: 10_000,
        },
        (res) => {
          let text = '';
          res.setEncoding('utf8');
          res.on('data', (part: string) => {
            text += part;
            if (text.length > BODY_BYTES_MAX) req.destroy(new Error('answer too large'));
          });
          res.on('end', () => resolve({ status: res.statusCode ?? 0, body: parse(text) }));
          res.on('error', reject);
        },
      );
      req.on('timeout', () => req.destroy(new Error(`no answer from the API server at ${path}`)));
      req.on('error', reject);
      req.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
