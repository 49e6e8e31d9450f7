export type TarEntry =
  | { readonly path: string; readonly kind: 'file'; readonly data: Uint8Array; readonly mode?: number }
  | { readonly path: string; readonly kind: 'directory'; readonly mode?: number }
  | { readonly path: string; readonly kind: 'symlink'; readonly target: string };

const BLOCK = 512;
const TYPE_FLAGS = { file: '0', symlink: '2', directory: '5' } as const;

/**
 * Packs entries as a tar archive, owner root, time 0: the same entries always give the same bytes.
 * Errors: throws when a path or link target does not fit the header (100 bytes). Source: POSIX ustar.
 */
export function tar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    if (entry.kind !== 'file') return [header(entry, 0)];
    const padding = (BLOCK - (entry.data.length % BLOCK)) % BLOCK;
    return [header(entry, entry.data.length), entry.data, Buffer.alloc(padding)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function header(entry: TarEntry, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const path = entry.kind === 'directory' ? `${entry.path}/` : entry.path;
  const mode =
    entry.kind === 'symlink' ? 0o777 : (entry.mode ?? (entry.kind === 'directory' ? 0o755 : 0o644));
  text(block, 0, 100, path);
  text(block, 100, 8, mode.toString(8).padStart(7, '0'));
  text(block, 108, 8, '0000000');
  text(block, 116, 8, '0000000');
  text(block, 124, 12, size.toString(8).padStart(11, '0'));
  text(block, 136, 12, '00000000000');
  text(block, 156, 1, TYPE_FLAGS[entry.kind]);
  if (entry.kind === 'symlink') text(block, 157, 100, entry.target);
  block.write('ustar\u000000', 257, 'latin1');
  // The checksum counts its own field as spaces.
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function text(block: Buffer, offset: number, length: number, value: string): void {
  if (Buffer.byteLength(value) > length) throw new Error(`"${value}" does not fit a tar header`);
  block.write(value, offset, 'utf8');
}
