import type { EventRecord } from '../../core/events/event.ts';
import type { ContainerInfo } from '../../core/events/syscall.ts';

type Column =
  | 'namespace'
  | 'pod'
  | 'podUid'
  | 'container'
  | 'containerId'
  | 'image'
  | 'workload'
  | 'serviceAccount'
  | 'enrichment';

/** What a record tells of the container it is about; undefined: something on the host. */
export function containerColumns(container: ContainerInfo | undefined): Pick<EventRecord, Column> {
  return {
    namespace: container?.namespace,
    pod: container?.podName,
    podUid: container?.podUid,
    container: container?.name,
    containerId: container?.id,
    image: container?.image,
    workload: container?.workload,
    serviceAccount: container?.serviceAccount,
    enrichment: container === undefined ? 'none' : container.state === 'filled' ? 'filled' : 'failed',
  };
}
