import { connect, type Socket } from 'node:net';
import { parseJson } from '../parse-json.ts';
import { type ProbeRequest, probeReplySchema, REPLY_BYTES_MAX } from './request.ts';
import type { RunningProbe } from './start.ts';

const REPLY_MS_MAX = 10_000;
const STOP_MS_MAX = 3_000;

/** The probe that was asked for is not started; the reason is the message. */
export class ProbeRefused extends Error {
  readonly retryMs: number;

  constructor(reason: string, retryMs: number) {
    super(reason);
    this.retryMs = retryMs;
  }
}

/**
 * Asks the process behind the socket for a probe (broker.ts) and resolves once that starts it.
 * Errors: rejects with ProbeRefused, or with what keeps the socket from being used.
 */
export async function askForProbe(socketPath: string, request: ProbeRequest): Promise<RunningProbe> {
  const socket = connect(socketPath);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  try {
    socket.write(`${JSON.stringify(request)}\n`);
    const reply = probeReplySchema.safeParse(parseJson((await firstLine(socket)).toString('utf8')));
    if (!reply.success) throw new Error('the process that starts probes does not speak as expected');
    if (!reply.data.ok) throw new ProbeRefused(reply.data.error, reply.data.retryMs);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  socket.on('error', () => undefined); // 'close' follows and says enough
  const failed = closed.then(() => {
    throw new Error('probe: it ended before it was ready');
  });
  failed.catch(() => undefined);
  return {
    stdout: socket,
    failed,
    stop: async () => {
      socket.end(); // the probe delivers what it has, and ends
      const timer = setTimeout(() => socket.destroy(), STOP_MS_MAX);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** The line is taken off the stream, which is left paused with what follows. */
function firstLine(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const settle = () => {
      clearTimeout(timer);
      socket.off('data', onData);
      socket.off('error', fail);
      socket.off('close', onClose);
    };
    const fail = (error: Error) => {
      settle();
      reject(error);
    };
    const onClose = () => fail(new Error('the process that starts probes closed the connection'));
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf(0x0a);
      if (end < 0 && bytes.length <= REPLY_BYTES_MAX) return;
      if (end < 0) return fail(new Error('the process that starts probes answers too much'));
      settle();
      socket.pause();
      if (end + 1 < bytes.length) socket.unshift(bytes.subarray(end + 1));
      resolve(bytes.subarray(0, end));
    };
    const timer = setTimeout(() => fail(new Error('no answer about a probe')), REPLY_MS_MAX);
    socket.on('data', onData);
    socket.on('error', fail);
    socket.on('close', onClose);
  });
}
