import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGzip, type Gzip } from 'node:zlib';

const BLOCK = 512;

export type TarEntry = { readonly path: string; readonly bytes: number; readonly sha256: string };

/**
 * Writes a tar.gz to disk, one file in memory at a time, and keeps a list of what is in it.
 * Source: POSIX.1-1988 ustar. Errors: throws for names over 100 bytes; rejects when the disk is full.
 */
export class TarWriter {
  readonly entries: TarEntry[] = [];
  readonly #gzip: Gzip = createGzip({ level: 6 });
  readonly #written: Promise<void>;
  readonly #mtime: number;

  constructor(path: string, now: Date) {
    this.#mtime = Math.floor(now.getTime() / 1_000);
    const file = createWriteStream(path, { mode: 0o600 });
    this.#gzip.on('error', (err) => file.destroy(err));
    file.on('error', (err) => this.#gzip.destroy(err));
    this.#gzip.pipe(file);
    this.#written = finished(file);
    this.#written.catch(() => undefined);
  }

  async add(path: string, content: Buffer | string): Promise<void> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    await this.#put(header(path, bytes.length, this.#mtime));
    await this.#put(bytes);
    const rest = bytes.length % BLOCK;
    if (rest > 0) await this.#put(Buffer.alloc(BLOCK - rest));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.entries.push({ path, bytes: bytes.length, sha256 });
  }

  async close(): Promise<void> {
    this.#gzip.end(Buffer.alloc(2 * BLOCK));
    await this.#written;
  }

  async #put(bytes: Buffer): Promise<void> {
    if (bytes.length === 0 || this.#gzip.write(bytes)) return;
    await Promise.race([new Promise((resolve) => this.#gzip.once('drain', resolve)), this.#written]);
  }
}

function header(path: string, size: number, mtime: number): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`the name ${path} is too long for the archive`);
  const out = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number) =>
    out.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at);
  out.write(path, 0);
  octal(0o600, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(mtime, 136, 12);
  out.write('        ', 148);
  out.write('0', 156);
  out.write('ustar\x0000', 257);
  const sum = out.reduce((total, byte) => total + byte, 0);
  out.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return out;
}
