import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fieldOf, readMessage } from '../protobuf.ts';

export type CriCall = {
  /** ContainerStatus, PodSandboxStatus or Version. */
  readonly method: string;
  readonly id: string;
  readonly stream: ServerHttp2Stream;
};

export type CriServer = {
  readonly calls: CriCall[];
  readonly sessions: ServerHttp2Session[];
  readonly stop: () => Promise<void>;
};

/** A directory for one test's socket, removed by `remove`. */
export function socketDir(): { readonly socketPath: string; readonly remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'cri-'));
  return { socketPath: join(dir, 'cri.sock'), remove: () => rmSync(dir, { recursive: true }) };
}

/** Speaks the runtime's side of gRPC on a Unix socket; `answer` does what the runtime of the test does. */
export async function startCriServer(
  socketPath: string,
  answer: (call: CriCall) => void,
): Promise<CriServer> {
  const calls: CriCall[] = [];
  const sessions: ServerHttp2Session[] = [];
  const server = createServer();
  server.on('session', (session) => sessions.push(session));
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('end', () => {
      const body = Buffer.concat(chunks);
      const id = fieldOf(readMessage(body.subarray(5, 5 + body.readUInt32BE(1))), 1);
      const method = String(headers[':path']).split('/').at(-1) ?? '';
      const call = { method, id: Buffer.from(id ?? []).toString(), stream };
      calls.push(call);
      answer(call);
    });
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    calls,
    sessions,
    stop: async () => {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** One message, then status OK. */
export function sendMessage(call: CriCall, message: Uint8Array): void {
  sendBody(call, frame(message));
}

/** Bytes instead of a framed message, then status OK. */
export function sendBody({ stream }: CriCall, body: Uint8Array): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(body);
}

/** No message: a status alone, in the headers, as grpc-go sends an error. */
export function sendStatus({ stream }: CriCall, status: number, text: string): void {
  const grpc = { 'grpc-status': String(status), 'grpc-message': text };
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...grpc }, { endStream: true });
}

export function frame(message: Uint8Array, isCompressed = false): Uint8Array {
  const prefix = Buffer.alloc(5);
  prefix[0] = isCompressed ? 1 : 0;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}
