import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { BlockWriter } from '../../core/scap/block-writer.ts';
import { CaptureCopier } from '../../core/scap/capture-copy.ts';
import type { CaptureEvent } from '../../core/scap/capture-event.ts';
import type { CaptureWarning } from '../../core/scap/capture-reader.ts';
import { captureChunks } from './capture-file.ts';
import { CliError } from './report.ts';

/** Pieces handed to the file: blocks are some hundred bytes. */
const PIECE_BYTES = 256 * 1024;

export type WriteOptions = {
  readonly to: string;
  readonly gzip: boolean;
  readonly accepts: ((event: CaptureEvent) => boolean) | undefined;
};

export type WriteResult = {
  readonly events: number;
  readonly shown: number;
  readonly warnings: readonly CaptureWarning[];
};

/** Copies a capture to another file, restricted to the events that a filter accepts. `-` is standard output. */
export async function writeCapture(from: string, { to, gzip, accepts }: WriteOptions): Promise<WriteResult> {
  if (await sameFile(from, to)) throw new CliError(`--write: ${to} is the capture itself`, 2);
  const warnings: CaptureWarning[] = [];
  const onWarning = (warning: CaptureWarning): number => warnings.push(warning);
  const out = new BlockWriter();
  const copier = new CaptureCopier({ accepts, sink: (bytes) => out.raw(bytes), onWarning });
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for await (const chunk of captureChunks(from, onWarning)) {
      copier.push(chunk);
      if (out.length >= PIECE_BYTES) yield take(out);
    }
    copier.end();
    yield take(out);
  }
  const file = to === '-' ? process.stdout : createWriteStream(to);
  const source = Readable.from(pieces(), { objectMode: false });
  if (gzip) await pipeline(source, createGzip(), file, { end: to !== '-' });
  else await pipeline(source, file, { end: to !== '-' });
  return { ...copier.counts, warnings };
}

function take(out: BlockWriter): Uint8Array {
  const piece = out.bytes.slice();
  out.truncate(0);
  return piece;
}

async function sameFile(one: string, other: string): Promise<boolean> {
  if (one === '-' || other === '-') return false;
  const [a, b] = await Promise.all([one, other].map((path) => stat(path).catch(() => undefined)));
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}
