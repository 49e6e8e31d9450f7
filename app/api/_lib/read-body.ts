import { createGunzip } from 'node:zlib';
import { AppError } from '../../../server/errors.ts';

export const BODY_BYTES_MAX = 1024 * 1024;

/**
 * Reads a request body up to a limit, unpacking gzip while it streams, so that a small packed body
 * cannot unfold beyond the limit. Errors: too_large, bad_request.
 */
export async function readBody(req: Request, bytesMax = BODY_BYTES_MAX): Promise<Buffer> {
  const declared = Number(req.headers.get('content-length') ?? 0);
  if (declared > bytesMax) throw tooLarge(bytesMax);
  const encoding = (req.headers.get('content-encoding') ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new AppError(
      'bad_request',
      `Content-Encoding ${encoding.slice(0, 32)} is not taken; use gzip or none.`,
    );
  }
  if (req.body === null) return Buffer.alloc(0);
  const chunks = encoding === 'gzip' ? gunzip(req.body) : req.body;
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > bytesMax) throw tooLarge(bytesMax);
    parts.push(chunk);
  }
  return Buffer.concat(parts, size);
}

/** Reads and parses a JSON body. Errors: too_large, bad_request with the parser's position. */
export async function readJson(req: Request, bytesMax?: number): Promise<unknown> {
  const text = (await readBody(req, bytesMax)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (err) {
    const detail = err instanceof Error ? err.message.slice(0, 200) : 'unreadable';
    throw new AppError('bad_request', 'The body is not JSON.', {
      reason: 'json_syntax',
      faults: [{ path: '', message: detail }],
    });
  }
}

async function* gunzip(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unpack = createGunzip();
  const reader = body.getReader();
  const feed = async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (!unpack.write(value)) await new Promise((resolve) => unpack.once('drain', resolve));
    }
    unpack.end();
  };
  feed().catch((err: Error) => unpack.destroy(err));
  try {
    yield* unpack;
  } catch (err) {
    throw new AppError('bad_request', 'The body is not readable gzip.', { cause: err });
  } finally {
    unpack.destroy();
    void reader.cancel().catch(() => undefined);
  }
}

function tooLarge(bytesMax: number): AppError {
  return new AppError('too_large', `The body is larger than the limit of ${bytesMax} bytes.`, {
    reason: 'body_limit',
  });
}
