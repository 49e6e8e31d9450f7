import type { EventItem } from './event-id.ts';

export type EventRow = {
  readonly seq: number;
  readonly id: string;
  readonly item: EventItem;
  /** Unix milliseconds, rounded down. */
  readonly timeMs: number;
};

/** Columns in the order in which `copyLine` writes them. */
export const COPY_SQL = `COPY event (shard, cluster_id, time, id, agent_id, epoch, seq, received_at, source, type,
  categories, outcome, priority, rule, output, tags, summary, node, namespace, pod, pod_uid, container,
  container_id, image, workload, service_account, "user", process, pid, peer, object, enrichment, fields, raw)
  FROM STDIN`;

const UNSAFE = /[\\\n\r\t]/;
const UNSAFE_ALL = /[\\\n\r\t]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * One event in COPY's text format, with the newline. Values hold no NUL (parse-batch.ts replaces it).
 * Source: PostgreSQL manual, COPY, "Text Format".
 */
export function copyLine(
  row: EventRow,
  stream: { readonly prefix: string; readonly agent: string; readonly receivedAt: string },
): string {
  const { item } = row;
  return `${stream.prefix}\t${microTime(row.timeMs, item.timeNs)}\t${row.id}\t${stream.agent}\t${row.seq}\t${
    stream.receivedAt
  }\t${item.source}\t${text(item.type)}\t{${item.categories.join(',')}}\t${item.outcome}\t${item.priority}\t${text(
    item.rule,
  )}\t${text(item.output)}\t${textArray(item.tags)}\t${text(item.summary)}\t${text(item.node)}\t${text(
    item.namespace,
  )}\t${text(item.pod)}\t${text(item.podUid)}\t${text(item.container)}\t${text(item.containerId)}\t${text(
    item.image,
  )}\t${text(item.workload)}\t${text(item.serviceAccount)}\t${text(item.user)}\t${text(item.process)}\t${
    item.pid ?? '\\N'
  }\t${text(item.peer)}\t${text(item.object)}\t${item.enrichment}\t${text(JSON.stringify(item.fields))}\t${
    item.raw === undefined ? '\\N' : text(JSON.stringify(item.raw))
  }\n`;
}

/** The constant head and middle of a batch's lines. */
export function copyStream(input: {
  readonly shard: number;
  readonly clusterId: string;
  readonly agentId: string;
  readonly epoch: number;
  readonly receivedAt: Date;
}) {
  return {
    prefix: `${input.shard}\t${text(input.clusterId)}`,
    agent: `${input.agentId}\t${input.epoch}`,
    receivedAt: input.receivedAt.toISOString(),
  };
}

/** ISO time with microseconds; the last three digits of the nanoseconds have no place in the column. */
function microTime(timeMs: number, timeNs: string): string {
  return `${new Date(timeMs).toISOString().slice(0, -1)}${timeNs.slice(-6, -3)}Z`;
}

function text(value: string | undefined): string {
  if (value === undefined) return '\\N';
  return UNSAFE.test(value) ? value.replace(UNSAFE_ALL, (char) => ESCAPES[char] ?? char) : value;
}

/** An array literal, then escaped as text. */
function textArray(values: readonly string[] | undefined): string {
  if (values === undefined || values.length === 0) return '{}';
  return text(`{${values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`).join(',')}}`);
}
