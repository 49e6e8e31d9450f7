import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { CaptureEvent } from '../../core/scap/capture-event.ts';
import { type CaptureOptions, CaptureReader, type CaptureWarning } from '../../core/scap/capture-reader.ts';

const CHUNK_BYTES = 1024 * 1024;

export type ReadCaptureOptions = Omit<CaptureOptions, 'onWarning'>;

export type ReadCaptureResult = { readonly events: number; readonly warnings: readonly CaptureWarning[] };

/**
 * Reads a capture file, gzip-compressed or not; `-` is standard input.
 * Errors: CaptureError for a file that is no capture or lies; the system's errors for one that cannot be read.
 */
export async function readCapture(
  path: string,
  options: ReadCaptureOptions,
  onEvent: (event: CaptureEvent) => unknown,
): Promise<ReadCaptureResult> {
  const warnings: CaptureWarning[] = [];
  const reader = new CaptureReader({ ...options, onWarning: (warning) => warnings.push(warning) });
  for await (const chunk of path === '-' ? plainChunks(process.stdin) : fileChunks(path)) {
    reader.push(chunk, onEvent);
  }
  reader.end(onEvent);
  return { events: reader.events, warnings };
}

async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const head = await file.read(new Uint8Array(2), 0, 2, 0);
    if (isGzip(head.buffer)) {
      yield* file
        .createReadStream({ start: 0, autoClose: false })
        .pipe(createGunzip({ chunkSize: CHUNK_BYTES }));
      return;
    }
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (let position = 0; ; ) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function* plainChunks(input: Readable): AsyncGenerator<Uint8Array> {
  yield* input;
}

function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}
