/** What saw the event. `posture` is the configuration scanner. */
export const SOURCES = [
  'syscall',
  'k8s_audit',
  'node_log',
  'file_integrity',
  'posture',
  'resources',
  'pod_log',
] as const;
export type Source = (typeof SOURCES)[number];

/**
 * What an event counts as. One event can be in several categories (a denied read of a Secret is
 * `rbac_denial` and not `secret_read`; deleting a RoleBinding is `rbac_change` and `delete`).
 * Definitions: docs/kpis.md.
 */
export const CATEGORIES = [
  'auth_failure', // audit 401; failed login, sudo or su in a node log
  'rbac_denial', // audit 403, authorization decision forbid
  'admission_denial', // audit 403/4xx by admission, decision allow, not PSA
  'psa_violation', // Pod Security Admission: enforce denial, audit-violations annotation
  'psa_exempt', // Pod Security Admission exemption annotation
  'secret_read',
  'exec',
  'attach',
  'port_forward',
  'rbac_change',
  'delete',
  'process', // process started or ended
  'connection', // connect, accept, bind, listen
  'file',
  'anomalous_connection', // outside the baseline of its workload; made by the server
  'resource_exhaustion', // OOM kill, memory, CPU, pids or disk at its limit
  'login', // successful login on a node
  'privilege', // sudo, su and changes of accounts on a node
] as const;
export type Category = (typeof CATEGORIES)[number];

/** How a request or syscall ended. `denied` = policy said no; `failed` = any other error. */
export const OUTCOMES = ['ok', 'denied', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Value of one Falco field. Integers above 2^53 (addresses, inode numbers, ns) are decimal strings. */
export type FieldValue = string | number | boolean | readonly string[];

/**
 * One event as it is spooled, sent, stored and shown. An alert is an event with `rule` set.
 * Every string comes from the cluster and is hostile: never HTML, never shell, never SQL text.
 * Units: `timeNs` is wall-clock nanoseconds since the epoch as a decimal string.
 */
export type EventRecord = {
  readonly timeNs: string;
  readonly source: Source;
  /** Falco `evt.type` (openat, execve, connect …) or the audit verb (get, create …). */
  readonly type: string;
  readonly categories: readonly Category[];
  readonly outcome: Outcome;
  /** 0 Emergency … 7 Debug; of the rule for an alert, else what the source gives, mostly 6. */
  readonly priority: number;
  readonly rule?: string | undefined;
  /** The rule's rendered output line. */
  readonly output?: string | undefined;
  /** Tags of the rule (MITRE tactics and techniques among them). */
  readonly tags?: readonly string[] | undefined;
  /** One plain sentence without trailing stop: "cat read /etc/shadow". */
  readonly summary: string;
  readonly node?: string | undefined;
  readonly namespace?: string | undefined;
  readonly pod?: string | undefined;
  readonly podUid?: string | undefined;
  readonly container?: string | undefined;
  /** Full 64-hex container id where known. */
  readonly containerId?: string | undefined;
  readonly image?: string | undefined;
  /** Owner workload as `Kind/name`, e.g. `Deployment/checkout-api`. */
  readonly workload?: string | undefined;
  readonly serviceAccount?: string | undefined;
  /** Kubernetes user for audit events, login name or uid for syscalls. */
  readonly user?: string | undefined;
  /** proc.name, or the user agent's first word for audit events. */
  readonly process?: string | undefined;
  readonly pid?: number | undefined;
  /** Remote address without port, where the event has a peer (fd.rip, ka.sourceips[0]). */
  readonly peer?: string | undefined;
  /** What was acted on: path, `ip:port`, or `resource/name`. */
  readonly object?: string | undefined;
  /** `filled` metadata complete; `none` not in a container; `failed` looked up in vain. */
  readonly enrichment: 'filled' | 'none' | 'failed';
  /**
   * Falco-named fields: everything filters and outputs can name (`proc.cmdline`, `fd.name`, `ka.verb`,
   * `proc.aname[1]` …). The keys are the one vocabulary of closure and SQL back ends.
   */
  readonly fields: Readonly<Record<string, FieldValue>>;
  /** The original audit object for k8s_audit (size-limited), absent for syscalls. */
  readonly raw?: unknown;
};

/** A stretch in which something was not observed. `count` = events known lost, absent when unknown. */
export type GapRecord = {
  readonly source: Source;
  readonly node?: string | undefined;
  readonly startNs: string;
  readonly endNs: string;
  readonly cause:
    | 'probe_drop'
    | 'spool_full'
    | 'spool_corrupt'
    | 'agent_down'
    | 'audit_lag'
    | 'audit_lost'
    | 'log_lost'
    | 'clock_jump'
    | 'rejected';
  readonly count?: number | undefined;
  readonly detail?: string | undefined;
};
