import type { EventRecord } from '../events/event.ts';
import type { FieldDef, FieldType } from './types.ts';

/** What a filter over stored events sees: the fields, and the record's own attributes where it has them. */
export type FilterRecord = Pick<EventRecord, 'fields'> & Partial<Omit<EventRecord, 'fields'>>;

function recordOnly(
  name: string,
  type: FieldType,
  help: string,
  cardinality: FieldDef['cardinality'] = 'one',
): FieldDef {
  return { name, class: 'record', type, help, cardinality, source: undefined, bind: () => () => undefined };
}

/** Fields that exist for stored events only. */
export const RECORD_ONLY_FIELDS: readonly FieldDef[] = [
  recordOnly('rule', 'string', 'Rule that matched'),
  recordOnly('evt.priority', 'number', 'Priority by name or number; 0 Emergency … 7 Debug, smaller is worse'),
  recordOnly('evt.category', 'string', 'Categories of the event', 'any'),
  recordOnly('evt.outcome', 'string', 'ok, denied or failed'),
  recordOnly('evt.summary', 'string', 'The event in one sentence'),
  recordOnly('evt.tag', 'string', 'Tags of the rule', 'any'),
  recordOnly('evt.node', 'string', 'Node'),
  recordOnly('evt.workload', 'string', 'Owner workload as Kind/name'),
  recordOnly('evt.serviceaccount', 'string', 'Service account'),
  recordOnly('evt.peer', 'string', 'Remote address'),
  recordOnly('evt.object', 'string', 'What was acted on'),
  recordOnly('k8s.user', 'string', 'User who started the process tree by kubectl exec'),
  recordOnly('k8s.user.confidence', 'string', 'How sure that is: high, medium or low'),
  recordOnly('k8s.user.groups', 'string', 'Groups of that user', 'list'),
  recordOnly('k8s.user.ip', 'string', 'Address from which that user asked'),
  recordOnly('k8s.user.audit', 'string', 'The audit event of that request, as id@time'),
];

/**
 * A Falco field that a stored event keeps as an attribute (and a column). `only`: sources for which
 * the attribute carries that field's meaning; elsewhere the field is missing.
 */
export type Attribute = {
  readonly field: string;
  readonly attribute: keyof EventRecord;
  readonly column: string;
  readonly only?: 'k8s_audit' | 'not_k8s_audit';
  /** Reads the value where it is not the attribute itself. */
  readonly read?: (record: FilterRecord) => string | undefined;
};

/** A system call outside any container is the host's. */
const onHost = (record: FilterRecord): string | undefined =>
  record.source === 'syscall' && record.containerId === undefined ? 'host' : undefined;
const ON_HOST = "CASE WHEN source = 'syscall' AND container_id IS NULL THEN 'host' END";

export const ATTRIBUTES: readonly Attribute[] = [
  { field: 'evt.type', attribute: 'type', column: 'type' },
  { field: 'evt.source', attribute: 'source', column: 'source' },
  { field: 'evt.priority', attribute: 'priority', column: 'priority' },
  { field: 'rule', attribute: 'rule', column: 'rule' },
  { field: 'evt.category', attribute: 'categories', column: 'categories' },
  { field: 'evt.outcome', attribute: 'outcome', column: 'outcome' },
  { field: 'evt.summary', attribute: 'summary', column: 'summary' },
  { field: 'evt.tag', attribute: 'tags', column: 'tags' },
  { field: 'evt.node', attribute: 'node', column: 'node' },
  { field: 'evt.hostname', attribute: 'node', column: 'node' },
  { field: 'evt.workload', attribute: 'workload', column: 'workload' },
  { field: 'evt.serviceaccount', attribute: 'serviceAccount', column: 'service_account' },
  { field: 'evt.peer', attribute: 'peer', column: 'peer' },
  { field: 'evt.object', attribute: 'object', column: 'object' },
  { field: 'k8s.ns.name', attribute: 'namespace', column: 'namespace' },
  { field: 'k8s.pod.name', attribute: 'pod', column: 'pod' },
  { field: 'k8s.pod.uid', attribute: 'podUid', column: 'pod_uid' },
  {
    field: 'container.name',
    attribute: 'container',
    column: `COALESCE(container, ${ON_HOST})`,
    read: (record) => record.container ?? onHost(record),
  },
  { field: 'container.image', attribute: 'image', column: 'image' },
  {
    field: 'container.full_id',
    attribute: 'containerId',
    column: `COALESCE(container_id, ${ON_HOST})`,
    read: (record) => record.containerId ?? onHost(record),
  },
  {
    field: 'container.id',
    attribute: 'containerId',
    column: `COALESCE(left(container_id, 12), ${ON_HOST})`,
    read: (record) => record.containerId?.slice(0, 12) ?? onHost(record),
  },
  { field: 'proc.name', attribute: 'process', column: 'process', only: 'not_k8s_audit' },
  { field: 'proc.pid', attribute: 'pid', column: 'pid' },
  { field: 'user.name', attribute: 'user', column: '"user"', only: 'not_k8s_audit' },
  { field: 'ka.user.name', attribute: 'user', column: '"user"', only: 'k8s_audit' },
  { field: 'ka.target.namespace', attribute: 'namespace', column: 'namespace', only: 'k8s_audit' },
  { field: 'ka.verb', attribute: 'type', column: 'type', only: 'k8s_audit' },
];
