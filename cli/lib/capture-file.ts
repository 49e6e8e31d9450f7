import { readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import type { CaptureEvent } from '../../core/scap/capture-event.ts';
import { type CaptureOptions, CaptureReader, type CaptureWarning } from '../../core/scap/capture-reader.ts';
import { CliError } from './report.ts';

const CHUNK_BYTES = 256 * 1024;

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
  const onWarning = (warning: CaptureWarning): number => warnings.push(warning);
  const reader = new CaptureReader({ ...options, onWarning });
  for await (const chunk of captureChunks(path, onWarning)) reader.push(chunk, onEvent);
  reader.end(onEvent);
  return { events: reader.events, warnings };
}

/**
 * The bytes of a capture file, decompressed; each chunk is valid until the next. A compressed file that ends
 * too early is read to its end, with a warning.
 */
export async function* captureChunks(
  path: string,
  onWarning: (warning: CaptureWarning) => void,
): AsyncGenerator<Uint8Array> {
  const chunks = path === '-' ? stdinChunks() : fileChunks(path);
  const first = await chunks.next();
  if (first.done) return;
  if (isGzip(first.value)) yield* unzipped(first.value, chunks, onWarning);
  else {
    yield first.value;
    yield* chunks;
  }
}

async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    // Read where it is worked on: its bytes are then in this core's cache.
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const length = readSync(file.fd, buffer, 0, CHUNK_BYTES, null);
      if (length === 0) return;
      yield buffer.subarray(0, length);
    }
  } finally {
    await file.close();
  }
}

/** A pipe may give the first byte alone: two are needed to tell what it is. */
async function* stdinChunks(): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | undefined = new Uint8Array(0);
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
    if (head === undefined) yield chunk;
    else {
      const joined: Uint8Array = Buffer.concat([head, chunk]);
      head = joined.length < 2 ? joined : undefined;
      if (head === undefined) yield joined;
    }
  }
  if (head !== undefined && head.length > 0) yield head;
}

function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** Feeds the decompressor by hand: an async iterator over it loses what came before an error. */
async function* unzipped(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array>,
  onWarning: (warning: CaptureWarning) => void,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  let given = 0;
  const count = (piece: Uint8Array): Uint8Array => {
    given += piece.length;
    return piece;
  };
  try {
    for (let chunk = first; ; ) {
      for await (const piece of step(gunzip, (done) => gunzip.write(chunk, done))) yield count(piece);
      const next = await rest.next();
      if (next.done) break;
      chunk = next.value;
    }
    // An early end shows after all is written, when nothing more comes out.
    const end = (done: () => void): unknown => gunzip.once('end', done).end();
    for await (const piece of step(gunzip, end)) yield count(piece);
  } catch (err) {
    const code = err instanceof Error && 'code' in err ? err.code : undefined;
    if (code === 'Z_BUF_ERROR') onWarning({ offset: given, message: 'the compressed file is truncated' });
    else if (typeof code === 'string' && code.startsWith('Z_')) {
      throw new CliError(`the compressed data is damaged after byte ${given} of the capture`);
    } else throw err;
  } finally {
    gunzip.destroy();
    await rest.return(undefined);
  }
}

/** Does one thing to the decompressor and yields all that it gives until that is done. */
async function* step(
  gunzip: Gunzip,
  start: (done: (err?: Error | null) => void) => unknown,
): AsyncGenerator<Uint8Array> {
  let done = false;
  let failure: Error | undefined;
  let wake = (): void => undefined;
  const finish = (err?: Error | null): void => {
    done = true;
    failure ??= err ?? undefined;
    wake();
  };
  const readable = (): void => wake();
  gunzip.on('readable', readable).on('error', finish);
  try {
    start(finish);
    for (;;) {
      const turn = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const finished = done;
      for (let piece = gunzip.read(); piece !== null; piece = gunzip.read()) yield piece;
      if (finished) break;
      if (!done) await turn;
    }
  } finally {
    gunzip.off('readable', readable).off('error', finish);
    gunzip.on('error', () => undefined);
  }
  if (failure !== undefined) throw failure;
}
