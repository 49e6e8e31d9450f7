import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { connect as connectSocket } from 'node:net';

/** The answer of a runtime about one container is a few KiB. */
const RESPONSE_BYTES_MAX = 1024 * 1024;
const PREFIX_BYTES = 5;
export const GRPC_NOT_FOUND = 5;

/** The other side answered with a status other than OK. */
export class GrpcError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(`gRPC status ${status}: ${message}`);
    this.name = 'GrpcError';
    this.status = status;
  }
}

/** Unary gRPC calls over one HTTP/2 connection to a Unix socket, made when first needed and again after it broke. */
export class GrpcClient {
  readonly #socketPath: string;
  #session: ClientHttp2Session | undefined;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Errors: rejects with GrpcError, the socket's error (code ENOENT, EACCES …), or a timeout. */
  call(method: string, message: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const session = this.#connect();
      const stream = session.request({
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: method,
        [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
        [constants.HTTP2_HEADER_TE]: 'trailers',
        'grpc-timeout': `${timeoutMs}m`,
      });
      const timer = setTimeout(() => {
        stream.destroy(new Error(`no answer within ${timeoutMs} ms`));
      }, timeoutMs);
      stream.once('close', () => {
        clearTimeout(timer);
        reject(new Error('the connection closed before the answer'));
      });
      // A stream cancelled by its connection's end has the reason, with its code, as the cause.
      stream.on('error', (err) => reject(err.cause ?? err));
      collect(stream).then(resolve, reject);
      const prefix = Buffer.alloc(PREFIX_BYTES);
      prefix.writeUInt32BE(message.length, 1);
      stream.end(Buffer.concat([prefix, message]));
    });
  }

  close(): void {
    this.#session?.destroy();
    this.#session = undefined;
  }

  #connect(): ClientHttp2Session {
    const current = this.#session;
    if (current !== undefined && !current.closed && !current.destroyed) return current;
    const session = connect('http://localhost', {
      createConnection: () => connectSocket(this.#socketPath),
      settings: { enablePush: false },
    });
    // Each call hears of it through its own stream; unheard, it would end the process.
    session.on('error', () => undefined);
    session.unref();
    this.#session = session;
    return session;
  }
}

/** The message of a unary answer. Errors: rejects unless HTTP and gRPC status are fine and one message came. */
function collect(stream: ClientHttp2Stream): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let status: unknown;
    let text: unknown;
    const note = (headers: Readonly<Record<string, unknown>>) => {
      status = headers['grpc-status'] ?? status;
      text = headers['grpc-message'] ?? text;
    };
    stream.once('response', (headers) => {
      note(headers);
      const code = headers[':status'];
      if (code !== 200) stream.destroy(new Error(`the socket speaks HTTP but answered ${code}, not gRPC`));
    });
    stream.once('trailers', note);
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= RESPONSE_BYTES_MAX) chunks.push(chunk);
      else stream.destroy(new Error(`the answer is larger than ${RESPONSE_BYTES_MAX} bytes`));
    });
    stream.once('end', () => {
      if (status !== '0') {
        reject(new GrpcError(Number(status ?? 2), String(text ?? 'no status').slice(0, 300)));
        return;
      }
      const message = unframe(Buffer.concat(chunks));
      if (message === undefined) reject(new Error('the answer is not one uncompressed message'));
      else resolve(message);
    });
  });
}

function unframe(frame: Buffer): Uint8Array | undefined {
  const isWhole = frame.length >= PREFIX_BYTES && frame.readUInt32BE(1) === frame.length - PREFIX_BYTES;
  return isWhole && frame[0] === 0 ? frame.subarray(PREFIX_BYTES) : undefined;
}
