import { parseJson } from '../../parse-json.ts';

export type ContainerLine = {
  readonly timeNs: bigint;
  readonly stream: 'stdout' | 'stderr';
  /** The runtime cut the line here; its rest follows on the same stream. */
  readonly isPartial: boolean;
  readonly message: string;
};

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/**
 * Reads a line of a container's log.
 * Shape: `2026-11-21T08:00:00.123456789Z stdout F text` (CRI; P instead of F = partial, tags may follow with
 * `:`), or Docker's `{"log":"text\n","stream":"stdout","time":"…"}`.
 * Errors: undefined for any other line. Source: kubernetes design-proposals, kubelet-cri-logging.
 */
export function parseContainerLine(line: string): ContainerLine | undefined {
  if (line.startsWith('{')) return dockerLine(parseJson(line));
  const timeEnd = line.indexOf(' ');
  const streamEnd = line.indexOf(' ', timeEnd + 1);
  const tagEnd = line.indexOf(' ', streamEnd + 1);
  if (timeEnd < 0 || timeEnd > 40 || streamEnd < 0 || streamEnd - timeEnd > 7) return undefined;
  const stream = streamOf(line.slice(timeEnd + 1, streamEnd));
  const tag = line.slice(streamEnd + 1, tagEnd < 0 ? undefined : tagEnd).split(':')[0];
  const timeNs = timeOf(line.slice(0, timeEnd));
  if (stream === undefined || timeNs === undefined || (tag !== 'F' && tag !== 'P')) return undefined;
  return { timeNs, stream, isPartial: tag === 'P', message: tagEnd < 0 ? '' : line.slice(tagEnd + 1) };
}

function dockerLine(raw: unknown): ContainerLine | undefined {
  if (typeof raw !== 'object' || raw === null || !('log' in raw) || !('time' in raw) || !('stream' in raw))
    return undefined;
  const stream = streamOf(raw.stream);
  const timeNs = typeof raw.time === 'string' ? timeOf(raw.time) : undefined;
  if (stream === undefined || timeNs === undefined || typeof raw.log !== 'string') return undefined;
  const isPartial = !raw.log.endsWith('\n');
  return { timeNs, stream, isPartial, message: isPartial ? raw.log : raw.log.slice(0, -1) };
}

function streamOf(value: unknown): 'stdout' | 'stderr' | undefined {
  return value === 'stdout' || value === 'stderr' ? value : undefined;
}

function timeOf(text: string): bigint | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const ms = Date.parse(`${match[1]}${match[3]}`);
  if (!Number.isFinite(ms) || ms < 0) return undefined;
  return BigInt(ms) * 1_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'));
}
