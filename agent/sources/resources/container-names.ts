import type { ContainerInfo } from '../../../core/events/syscall.ts';
import { type LogLinks, watchLogLinks } from '../../enrich/log-links.ts';
import type { ContainerCgroup } from './cgroups.ts';

/** Container facts without the kernel sensor: id and pod from the cgroup, names from the kubelet's log links. */
export class ContainerNames {
  readonly #links: LogLinks;

  constructor(dir = '/var/log/containers') {
    this.#links = watchLogLinks({ dir, onLink: () => {} });
  }

  of({ containerId, podUid }: Omit<ContainerCgroup, 'path'>): ContainerInfo {
    const link = this.#links.byId(containerId);
    return {
      id: containerId,
      name: link?.name,
      image: undefined,
      privileged: undefined,
      podName: link?.podName,
      podUid,
      namespace: link?.namespace,
      labels: undefined,
      workload: undefined,
      serviceAccount: undefined,
      node: undefined,
      state: link === undefined ? 'failed' : 'filled',
    };
  }

  stop(): void {
    this.#links.stop();
  }
}
