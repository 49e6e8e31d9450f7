import {
  FIELDS_MAX,
  INGEST_BODY_BYTES_MAX,
  INGEST_ITEMS_MAX,
  INGEST_LINE_BYTES_MAX,
  type IngestHeader,
  type IngestItem,
  ingestHeaderSchema,
  ingestItemSchema,
} from '../../core/wire/ingest.ts';
import { AppError } from '../errors.ts';
import { depthExceeds, storable } from './storable.ts';

export type Rejection = { readonly seq: number; readonly path: string; readonly message: string };
export type Numbered = { readonly seq: number; readonly item: IngestItem };

export type ParsedBatch = {
  readonly header: IngestHeader;
  readonly items: readonly Numbered[];
  readonly rejected: readonly Rejection[];
  /** Highest sequence number the body accounts for, good or bad. */
  readonly lastSeq: number;
};

const NEWLINE = 0x0a;
const SEQ_MAX = 2 ** 48 - 1;
const INT4_MAX = 2 ** 31 - 1;
/** Far above any Kubernetes object, far below what the JSON parsers of Node and PostgreSQL can nest. */
const RAW_DEPTH_MAX = 200;
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Splits an ingest body into its header and items; a bad line becomes a rejection and costs only itself.
 * Errors: too_large (names the limit), bad_request for the header.
 */
export function parseBatch(body: Buffer): ParsedBatch {
  if (body.length > INGEST_BODY_BYTES_MAX) throw tooLarge(`${INGEST_BODY_BYTES_MAX} bytes a batch`);
  const headerEnd = lineEnd(body, 0);
  const header = parseHeader(body.subarray(0, headerEnd));
  const items: Numbered[] = [];
  const rejected: Rejection[] = [];
  const escapes = hasSpecialEscapes(body);
  let seq = header.firstSeq - 1;
  for (let start = headerEnd + 1; start < body.length; ) {
    const end = lineEnd(body, start);
    seq += 1;
    if (seq - header.firstSeq >= INGEST_ITEMS_MAX) throw tooLarge(`${INGEST_ITEMS_MAX} items a batch`);
    if (seq > SEQ_MAX) throw new AppError('bad_request', 'The sequence numbers run past 2^48 - 1.');
    const parsed = parseItem(body.subarray(start, end), escapes);
    if ('item' in parsed) items.push({ seq, item: parsed.item });
    else rejected.push({ seq, ...parsed });
    start = end + 1;
  }
  return { header, items, rejected, lastSeq: seq };
}

function parseHeader(line: Buffer): IngestHeader {
  let value: unknown;
  try {
    value = JSON.parse(DECODER.decode(line.subarray(0, INGEST_LINE_BYTES_MAX)));
  } catch (err) {
    throw new AppError('bad_request', 'Line 1 of the batch is not a JSON header.', {
      reason: 'header_syntax',
      faults: [{ line: 1, message: reasonOf(err) }],
    });
  }
  const parsed = ingestHeaderSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError('bad_request', 'Line 1 of the batch is not a valid header.', {
    reason: 'header_invalid',
    faults: parsed.error.issues
      .slice(0, 10)
      .map((issue) => ({ line: 1, path: issue.path.join('.'), message: issue.message })),
  });
}

function parseItem(
  line: Buffer,
  escapes: boolean,
): { readonly item: IngestItem } | { readonly path: string; readonly message: string } {
  if (line.length > INGEST_LINE_BYTES_MAX) {
    return { path: '', message: `the line has ${line.length} bytes, more than ${INGEST_LINE_BYTES_MAX}` };
  }
  let value: unknown;
  try {
    value = JSON.parse(DECODER.decode(line));
  } catch (err) {
    return { path: '', message: reasonOf(err) };
  }
  if (depthExceeds(value, RAW_DEPTH_MAX))
    return { path: '', message: `nested deeper than ${RAW_DEPTH_MAX} levels` };
  const parsed = ingestItemSchema.safeParse(escapes ? storable(value) : value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return {
      path: (issue?.path ?? []).join('.').slice(0, 256),
      message: (issue?.message ?? 'invalid').slice(0, 500),
    };
  }
  const item = parsed.data;
  if (item.k === 'event') {
    if (item.pid !== undefined && Math.abs(item.pid) > INT4_MAX)
      return { path: 'pid', message: 'beyond 32 bits' };
    if (Object.keys(item.fields).length > FIELDS_MAX)
      return { path: 'fields', message: `more than ${FIELDS_MAX} fields` };
  }
  if (item.k === 'gap' && BigInt(item.endNs) < BigInt(item.startNs))
    return { path: 'endNs', message: 'before startNs' };
  return { item };
}

/** Only these escapes can make a NUL or half a surrogate pair; most bodies have none and skip the walk. */
function hasSpecialEscapes(body: Buffer): boolean {
  return body.includes('\\u0000') || body.includes('\\ud') || body.includes('\\uD');
}

function lineEnd(body: Buffer, start: number): number {
  const end = body.indexOf(NEWLINE, start);
  return end < 0 ? body.length : end;
}

function reasonOf(err: unknown): string {
  return `not JSON: ${err instanceof Error ? err.message.slice(0, 200) : 'unreadable'}`;
}

function tooLarge(limit: string): AppError {
  return new AppError('too_large', `The batch exceeds the limit of ${limit}.`, { reason: 'batch_limit' });
}
