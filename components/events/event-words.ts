import type { Category } from '../../core/events/event.ts';
import { PRIORITIES, priorityNumber } from '../../core/events/priority.ts';
import type { EventRow, Facet } from '../../core/wire/events.ts';

export const CATEGORY_LABEL: Record<Category, string> = {
  auth_failure: 'Authentication failed',
  rbac_denial: 'RBAC denial (403)',
  admission_denial: 'Admission denied',
  psa_violation: 'Pod Security violation',
  psa_exempt: 'Pod Security exemption',
  secret_read: 'Secret read',
  exec: 'Exec into pod',
  attach: 'Attach to pod',
  port_forward: 'Port forward',
  rbac_change: 'RBAC changed',
  delete: 'Object deleted',
  process: 'Process started',
  connection: 'Connection',
  file: 'File access',
  anomalous_connection: 'Anomalous connection',
  resource_exhaustion: 'Resource exhausted',
  login: 'Login on a node',
  privilege: 'Privilege used or account changed',
};

const TYPE_LABEL: Readonly<Record<string, string>> = {
  procexit: 'Process ended',
  connect: 'Outbound connection',
  accept: 'Inbound connection',
  accept4: 'Inbound connection',
  listen: 'Listening',
  bind: 'Port bound',
  open: 'File opened',
  openat: 'File opened',
  openat2: 'File opened',
  creat: 'File created',
  unlink: 'File deleted',
  unlinkat: 'File deleted',
  rename: 'File renamed',
  renameat: 'File renamed',
  renameat2: 'File renamed',
  chmod: 'File mode changed',
  fchmod: 'File mode changed',
  fchmodat: 'File mode changed',
};

export const FACET_LABEL: Record<Facet, string> = {
  priority: 'Priority',
  source: 'Source',
  category: 'Category',
  outcome: 'Outcome',
  rule: 'Rule',
  process: 'Process',
  user: 'User',
  node: 'Node',
  namespace: 'Namespace',
  workload: 'Workload',
  pod: 'Pod',
  peer: 'Peer',
  tactic: 'MITRE tactic',
};

/** What happened in a few words: the rule of an alert, else the category, else the verb and object kind. */
export function eventLabel(row: EventRow): string {
  if (row.rule !== null) return row.rule;
  const typed = TYPE_LABEL[row.type];
  if (row.source === 'syscall' && typed !== undefined) return typed;
  const category = row.categories[0];
  if (category !== undefined) return CATEGORY_LABEL[category];
  if (row.source === 'node_log') return 'Node log';
  if (row.source !== 'k8s_audit') return typed ?? capital(row.type);
  const kind = row.object?.split('/')[0] ?? '';
  return `${capital(row.type)} ${kind}`.trim();
}

/** Who did what to what, for one table cell: `cat → /etc/shadow`, `sa:checkout-api → list secrets`. */
export function subjectObject(row: EventRow): string {
  const isAudit = row.source === 'k8s_audit';
  const subject = isAudit
    ? shortUser(row.user ?? row.peer ?? '')
    : (row.process ?? row.user ?? row.node ?? '');
  const target = row.object ?? row.peer ?? '';
  const object = isAudit ? `${row.type} ${target}`.trim() : target;
  if (subject === '' || object === '') return subject || object || row.summary;
  return `${subject} → ${object}`;
}

/** `system:serviceaccount:payments:api` → `sa:api`; other names stay. */
export function shortUser(user: string): string {
  const account = /^system:serviceaccount:[^:]+:(.+)$/.exec(user);
  return account?.[1] === undefined ? user : `sa:${account[1]}`;
}

/** Number of a priority facet value, which is a digit or a word. */
export function facetPriority(value: string): number {
  const digit = /^[0-7]$/.test(value) ? Number(value) : priorityNumber(value);
  return digit ?? PRIORITIES.length - 1;
}

export const capital = (text: string): string =>
  text.charAt(0).toUpperCase() + text.slice(1).replaceAll('_', ' ');
