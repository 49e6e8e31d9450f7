/** Shared by all logs of a node. */
export type LogCounters = {
  node_log_lines: number;
  node_log_events: number;
  /** Lines without a time and a tag, as stack traces and continuations are. */
  node_log_unparsed: number;
  node_log_oversized: number;
  node_log_lost: number;
  node_log_faults: number;
  /** Entries whose sender was another program than their tag says. */
  node_log_forged: number;
};

export function noLogCounters(): LogCounters {
  return {
    node_log_lines: 0,
    node_log_events: 0,
    node_log_unparsed: 0,
    node_log_oversized: 0,
    node_log_lost: 0,
    node_log_faults: 0,
    node_log_forged: 0,
  };
}
