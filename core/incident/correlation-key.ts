import type { CorrelatedEvent } from './correlated-event.ts';

export type EntityKind = 'pod' | 'workload' | 'node' | 'user' | 'serviceaccount' | 'ip';
export type Entity = { readonly kind: EntityKind; readonly name: string };

/**
 * Entities an event tells about, for people to read: all of them, also those too shared to correlate by.
 * Shape of names: pod `ns/name`, workload `ns/Kind/name`, service account `ns/name`.
 */
export function entitiesOf(event: CorrelatedEvent): readonly Entity[] {
  const out: Entity[] = [];
  const who = subject(event);
  if (who !== undefined) out.push(who);
  const pod = podOf(event);
  if (pod !== undefined) out.push({ kind: 'pod', name: pod });
  if (event.workload !== null && event.namespace !== null) {
    out.push({ kind: 'workload', name: `${event.namespace}/${event.workload}` });
  }
  if (event.serviceAccount !== null && event.namespace !== null && who?.kind !== 'serviceaccount') {
    out.push({ kind: 'serviceaccount', name: qualified(event.namespace, event.serviceAccount) });
  }
  if (event.node !== null) out.push({ kind: 'node', name: event.node });
  if (event.peer !== null && event.peer !== '' && !/^(127\.|::1$)/.test(event.peer)) {
    out.push({ kind: 'ip', name: event.peer });
  }
  return out;
}

/**
 * Keys by which an event looks for its incident. A pod's event goes by pod and workload, never by its
 * node or service account, which it shares with the innocent; an audit event goes by who asked and by
 * the pod it was aimed at; a refused login, which has no trustworthy name, goes by its address.
 */
export function joinKeys(event: CorrelatedEvent): readonly string[] {
  const keys: string[] = [];
  const who = subject(event);
  if (who !== undefined) keys.push(`${who.kind}:${who.name}`);
  const pod = podOf(event);
  if (pod !== undefined) keys.push(`pod:${pod}`);
  if (event.workload !== null && event.namespace !== null) {
    keys.push(`workload:${event.namespace}/${event.workload}`);
  }
  if (event.categories.includes('auth_failure') && event.peer !== null) keys.push(`ip:${event.peer}`);
  if (keys.length === 0 && event.node !== null) keys.push(`node:${event.node}`);
  return keys;
}

/** Keys an event adds to the incident that took it: its own, and the service account its pod runs as. */
export function incidentKeys(event: CorrelatedEvent): readonly string[] {
  const keys = [...joinKeys(event)];
  if (event.source !== 'k8s_audit' && event.serviceAccount !== null && event.namespace !== null) {
    const name = qualified(event.namespace, event.serviceAccount);
    // Half the pods of a namespace run as `default`: what it asks for proves nothing about one of them.
    if (!name.endsWith('/default')) keys.push(`serviceaccount:${name}`);
  }
  return keys;
}

/** `ns/name` of the pod an event happened in or was aimed at. */
export function podOf(event: CorrelatedEvent): string | undefined {
  if (event.namespace === null) return undefined;
  if (event.pod !== null) return `${event.namespace}/${event.pod}`;
  const aimed = event.source === 'k8s_audit' ? /^pods\/([^/]+)/.exec(event.object ?? '')?.[1] : undefined;
  return aimed === undefined ? undefined : `${event.namespace}/${aimed}`;
}

/** Who asked, for audit events: a person or a service account; the control plane's own users count as nobody. */
function subject(event: CorrelatedEvent): Entity | undefined {
  if (event.source !== 'k8s_audit' || event.user === null || event.user === '') return undefined;
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(event.user);
  if (account !== null) {
    if (account[1] === 'kube-system') return undefined;
    return { kind: 'serviceaccount', name: `${account[1]}/${account[2]}` };
  }
  if (event.user.startsWith('system:')) return undefined;
  return { kind: 'user', name: event.user };
}

function qualified(namespace: string, serviceAccount: string): string {
  const bare = serviceAccount.replace(/^system:serviceaccount:/, '').replace(':', '/');
  return bare.includes('/') ? bare : `${namespace}/${bare}`;
}
