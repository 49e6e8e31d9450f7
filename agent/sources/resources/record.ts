import type { EventRecord, FieldValue } from '../../../core/events/event.ts';
import type { ContainerInfo } from '../../../core/events/syscall.ts';
import { containerColumns } from '../../enrich/container-columns.ts';

/** What ran out, or `…_ended` when it is well again. */
export type ResourceEvent = {
  readonly type: string;
  readonly timeNs: bigint;
  readonly summary: string;
  readonly isExhaustion: boolean;
  readonly container?: ContainerInfo | undefined;
  readonly process?: string | undefined;
  readonly pid?: number | undefined;
  /** File system or cgroup. */
  readonly object?: string | undefined;
  readonly fields: Readonly<Record<string, FieldValue | undefined>>;
};

const WARNING = 4;
const NOTICE = 5;
const INFORMATIONAL = 6;
/** These took something away already. */
const LOST: ReadonlySet<string> = new Set(['oom_kill', 'pids_limit', 'disk_full', 'inodes_full']);

export function resourceRecord(event: ResourceEvent, node: string): EventRecord {
  const { container } = event;
  const fields: Record<string, FieldValue> = { 'evt.type': event.type, 'evt.source': 'resources' };
  if (container !== undefined) fields['container.id'] = container.id.slice(0, 12);
  for (const [name, value] of Object.entries(event.fields)) if (value !== undefined) fields[name] = value;
  return {
    timeNs: String(event.timeNs),
    source: 'resources',
    type: event.type,
    categories: event.isExhaustion ? ['resource_exhaustion'] : [],
    outcome: event.isExhaustion ? 'failed' : 'ok',
    priority: !event.isExhaustion ? INFORMATIONAL : LOST.has(event.type) ? WARNING : NOTICE,
    summary: event.summary,
    node,
    ...containerColumns(container),
    process: event.process,
    pid: event.pid,
    object: event.object,
    fields,
  };
}

/** `namespace/pod/container`, as far as it is known. */
export function nameOf(container: ContainerInfo): string {
  const id = container.id.slice(0, 12);
  if (container.podName === undefined) return container.name ?? `container ${id}`;
  return [container.namespace, container.podName, container.name ?? id].filter(Boolean).join('/');
}

export function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let at = 0;
  for (; value >= 1_024 && at < units.length - 1; at += 1) value /= 1_024;
  return `${value < 10 && at > 0 ? value.toFixed(1) : Math.round(value)} ${units[at]}`;
}
