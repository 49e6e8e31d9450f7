import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { EngineEvent } from '../../core/events/syscall.ts';
import { sampleCapture } from '../../core/scap/sample-capture.ts';
import { AUDIT_CASES } from '../../rulesets/cases/audit-cases.ts';
import { CORPUS, HAS_CORPUS, readCases } from '../../rulesets/cases/corpus.ts';
import { SYSCALL_CASES } from '../../rulesets/cases/syscall-cases.ts';
import type { CaptureSeed } from './fuzz-capture.ts';
import { ROOT } from './paths.ts';

/** Longest rules text used as one seed: whole upstream files would make one input cost milliseconds. */
const RULES_CHARS_MAX = 2_000;

export type Seeds = {
  readonly filters: readonly string[];
  readonly rules: readonly string[];
  readonly audits: readonly unknown[];
  readonly events: readonly EngineEvent[];
  readonly captures: readonly CaptureSeed[];
  /** With whole process lists: one costs as much as ten of the others. */
  readonly largeCaptures: readonly CaptureSeed[];
};

/** Seeds from the corpus where it lies beside the repository, and from the product's own rules and cases. */
export function readSeeds(): Seeds {
  const events = [...Object.values(SYSCALL_CASES), ...Object.values(AUDIT_CASES)].flatMap(
    ({ fires, silent }): readonly EngineEvent[] => [...fires, ...silent],
  );
  const ruleFiles = [
    ...yamlFiles(join(ROOT, 'rulesets')),
    ...['upstream-rules', 'rules/falco', 'rules/exceptions', 'rules/unit', 'rules/k8saudit'].flatMap(
      (folder) => yamlFiles(join(CORPUS, folder)),
    ),
  ];
  const rules = ruleFiles.flatMap((path) => ruleItems(readFileSync(path, 'utf8')));
  const conditions = rules.flatMap((text) =>
    [...text.matchAll(/^ +condition: *>?-?\s*(.+(?:\n {4,}.+)*)/gm)].flatMap(([, body]) => body ?? []),
  );
  const grammar = HAS_CORPUS
    ? readCases(join(CORPUS, 'cases.json')).flatMap(({ filter }) => filter ?? [])
    : [];
  const audits: unknown[] = events.flatMap((event) => (event.source === 'k8s_audit' ? [event.raw] : []));
  const folder = join(CORPUS, 'k8s-audit');
  if (existsSync(folder)) {
    for (const name of readdirSync(folder)) {
      const [line = ''] = readFileSync(join(folder, name), 'utf8').split('\n');
      if (line.startsWith('{')) audits.push(JSON.parse(line));
    }
  }
  const [captures, largeCaptures] = captureSeeds();
  return { filters: [...conditions, ...grammar], rules, audits, events, captures, largeCaptures };
}

/** Compressed captures up to this size are seeds. */
const CAPTURE_BYTES_MAX = 30_000;
const LIST_BYTES_MAX = 4_096;
const LISTS_MAX = 12;
const EVENTS_IN_SEED = 40;
const PIECES = 12;
const SECTION = 0x0a0d0d0a;

/** Pieces of the corpus's small captures: some of their lists and a run of events. */
function captureSeeds(): [CaptureSeed[], CaptureSeed[]] {
  const sample = sampleCapture();
  const [small, large]: [CaptureSeed[], CaptureSeed[]] = [[sample, sample], [sample]];
  const root = join(CORPUS, 'captures');
  for (const set of existsSync(root) ? readdirSync(root) : []) {
    for (const name of readdirSync(join(root, set))) {
      const file = readFileSync(join(root, set, name));
      if (file.length > CAPTURE_BYTES_MAX || file[0] !== 0x1f) continue;
      const blocks = blocksOf(gunzipSync(file));
      const isList = (block: Uint8Array): boolean => LISTS.has(block[0] ?? 0) && block[1] === 2;
      const [head = new Uint8Array(0), ...lists] = blocks.filter((b) => isList(b) || typeOf(b) === SECTION);
      const events = blocks.filter((block) => !isList(block) && typeOf(block) !== SECTION);
      large.push([head, ...lists, ...events.slice(0, EVENTS_IN_SEED)]);
      const few = lists.filter((block) => block.length <= LIST_BYTES_MAX).slice(0, LISTS_MAX);
      for (let piece = 0; piece < PIECES; piece++) {
        const from = Math.floor((piece * events.length) / PIECES);
        small.push([head, ...few, ...events.slice(from, from + EVENTS_IN_SEED)]);
      }
    }
  }
  return [small, large];
}

/** Low bytes of the block types that hold lists and machine facts. */
const LISTS: ReadonlySet<number> = new Set([
  1, 2, 3, 5, 6, 7, 9, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x18, 0x19, 0x20,
]);

function typeOf(block: Uint8Array): number {
  return new DataView(block.buffer, block.byteOffset).getUint32(0, true);
}

function blocksOf(bytes: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const blocks: Uint8Array[] = [];
  for (let at = 0; at + 12 <= bytes.length; ) {
    const length = Math.max(12, view.getUint32(at + 4, true));
    blocks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return blocks;
}

function yamlFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name));
}

/** Runs of whole items of a rules file. */
function ruleItems(text: string): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const item of text.split(/^(?=- )/m)) {
    if (piece !== '' && piece.length + item.length > RULES_CHARS_MAX) {
      pieces.push(piece);
      piece = '';
    }
    piece += item;
  }
  if (piece !== '') pieces.push(piece);
  return pieces.map((part) => part.slice(0, 2 * RULES_CHARS_MAX));
}
