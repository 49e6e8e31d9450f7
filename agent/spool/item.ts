import type { EventRecord, FieldValue, GapRecord, Source } from '../../core/events/event.ts';
import { SOURCES } from '../../core/events/event.ts';
import { cleanText } from '../../core/events/k8s-audit-facts.ts';
import { FIELDS_MAX, INGEST_LINE_BYTES_MAX, type IngestItem } from '../../core/wire/ingest.ts';

type FillItem = Extract<IngestItem, { k: 'fill' }>;

/** What a spooled line says about itself without parsing it whole. */
export type LineHead = { readonly kind: string; readonly source: Source; readonly timeNs: bigint };

const ESCAPE_HAZARD = /\\u0000|\\ud[89a-f]/i;
/** Room for the longest typed columns beside fields and raw. */
const FIELDS_BYTES_MAX = 256 * 1024;
const HEAD = /^\{"k":"(event|gap)","(?:timeNs|startNs)":"(\d{1,19})","source":"([a-z0-9_]+)"/;
const LIMITS = {
  type: 64,
  rule: 256,
  output: 16_384,
  summary: 1_024,
  node: 253,
  namespace: 253,
  pod: 253,
  podUid: 64,
  container: 253,
  containerId: 128,
  image: 512,
  workload: 320,
  serviceAccount: 253,
  user: 512,
  process: 256,
  peer: 64,
  object: 4_096,
} as const;

/**
 * Writes an event as one wire line within every limit of core/wire/ingest.ts: text is cut, fields beyond
 * 200 or 256 KiB are left out, so that the server has no reason to refuse it. NUL and lone surrogates, which
 * PostgreSQL refuses, become U+FFFD.
 */
export function eventLine(record: EventRecord): string {
  const { timeNs, source, fields, raw, ...rest } = record;
  const head = { k: 'event', timeNs, source };
  const plain = JSON.stringify({ ...head, ...rest, fields, raw });
  if (plain.length < 32_768 && fitsAsIs(record) && !ESCAPE_HAZARD.test(plain)) return `${plain}\n`;
  const cut: Record<string, unknown> = { ...head, ...rest };
  for (const [name, max] of Object.entries(LIMITS)) {
    const value = cut[name];
    if (typeof value === 'string') cut[name] = cleanText(value, max);
  }
  cut.tags = record.tags?.slice(0, 64).map((tag) => cleanText(tag, 128));
  cut.fields = fitFields(fields);
  const line = JSON.stringify({ ...cut, raw });
  const isTooLong = Buffer.byteLength(line) >= INGEST_LINE_BYTES_MAX;
  return `${isTooLong ? JSON.stringify(cut) : line}\n`;
}

export function gapLine(gap: GapRecord): string {
  const { startNs, source, ...rest } = gap;
  const detail = gap.detail === undefined ? undefined : cleanText(gap.detail, 1_024);
  return `${JSON.stringify({ k: 'gap', startNs, source, ...rest, detail })}\n`;
}

export function fillLine(fill: Omit<FillItem, 'k'>): string {
  return `${JSON.stringify({ k: 'fill', ...fill })}\n`;
}

/** Reads kind, source and time off a line that eventLine or gapLine wrote; undefined for any other. */
export function lineHead(line: string): LineHead | undefined {
  const match = HEAD.exec(line);
  const source = SOURCES.find((name) => name === match?.[3]);
  if (match === null || source === undefined) return undefined;
  return { kind: match[1] ?? '', source, timeNs: BigInt(match[2] ?? '0') };
}

function fitsAsIs(record: EventRecord): boolean {
  for (const name of Object.keys(LIMITS) as (keyof typeof LIMITS)[]) {
    if ((record[name]?.length ?? 0) > LIMITS[name]) return false;
  }
  const { tags } = record;
  if (tags !== undefined && (tags.length > 64 || tags.some((tag) => tag.length > 128))) return false;
  const fields = Object.entries(record.fields);
  return fields.length <= FIELDS_MAX && fields.every(([name, value]) => name.length <= 256 && isSmall(value));
}

function isSmall(value: FieldValue): boolean {
  if (typeof value !== 'object') return true;
  return value.length <= 256 && value.every((part) => part.length <= 4_096);
}

function fitFields(fields: Readonly<Record<string, FieldValue>>): Record<string, FieldValue> {
  const kept: Record<string, FieldValue> = {};
  let room = FIELDS_BYTES_MAX;
  let count = 0;
  for (const [name, value] of Object.entries(fields)) {
    const fitted = fitValue(value);
    room -= name.length + sizeOf(fitted);
    count += 1;
    if (count > FIELDS_MAX || room < 0) break;
    kept[cleanText(name, 256)] = fitted;
  }
  return kept;
}

function fitValue(value: FieldValue): FieldValue {
  if (typeof value === 'string') return cleanText(value, 65_536);
  if (typeof value === 'object') return value.slice(0, 256).map((part) => cleanText(part, 4_096));
  return value;
}

function sizeOf(value: FieldValue): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' ? value.reduce((sum, part) => sum + part.length + 3, 0) : 16;
}
