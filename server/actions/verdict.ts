/** Network plugins take a moment to program a policy; what is seen in this time proves nothing. */
export const SETTLE_MS = 3_000;
/** The sensor's spool and the ingest need this long at most on a healthy path. */
export const DELIVERY_MS = 8_000;
export const MINUTE_MS = 60_000;
/** A connection counts as steady when it was seen in each of this many minutes before. */
export const STEADY_MINUTES = 3;

/** What was seen since a quarantine policy was applied. */
export type Observation = {
  readonly sinceMs: number;
  /** The same pod still runs at the same address: silence is not the silence of the dead. */
  readonly podRuns: boolean;
  /** Declared TCP ports that answered the server before, and those of them that answer now. */
  readonly portsBefore: readonly number[];
  readonly portsNow: readonly number[];
  /** The server runs on the pod's node: no policy stands between them, so ports are not tried. */
  readonly onPodsNode: boolean;
  readonly sensor: 'healthy' | 'degraded' | 'silent' | 'none';
  /**
   * Connections that the sensor saw come about in every one of the minutes before. It stores a connection
   * of one process and peer at most once a minute, so one whole minute is the least that can show its end.
   */
  readonly steady: number;
  /** Connections that came about since the policy settled. */
  readonly establishedAfter: number;
  /** A whole minute lies between the settling and now, and its events have had time to arrive. */
  readonly wholeMinute: boolean;
};

export type Verdict = {
  readonly proof: 'enforced' | 'unproven';
  readonly detail: string;
  /** Waiting longer cannot change it. */
  readonly final: boolean;
};

/** Says whether traffic was seen to stop. Anything short of that is `unproven`, with the reason. */
export function judge(seen: Observation): Verdict {
  if (!seen.podRuns) return unproven('The pod stopped or was replaced while it was watched.', true);
  if (seen.sinceMs < SETTLE_MS) return unproven('The policy is settling.', false);
  if (seen.establishedAfter > 0) {
    return unproven(
      `The sensor saw ${seen.establishedAfter} new connections after the policy was applied: the network plugin may not enforce it.`,
      seen.wholeMinute,
    );
  }
  if (seen.portsBefore.length > 0 && seen.portsNow.length === 0) {
    const ports = seen.portsBefore.join(', ');
    return enforced(`TCP port ${ports} answered the server before and does not answer since.`);
  }
  if (seen.portsNow.length > 0) {
    const ports = seen.portsNow.join(', ');
    return unproven(
      `TCP port ${ports} still answers the server: the network plugin may not enforce the policy.`,
      seen.wholeMinute,
    );
  }
  const noPorts = seen.onPodsNode
    ? 'The server runs on the pod’s node, which may reach its pods whatever the policies say'
    : 'No port of the pod answered the server before either';
  if (seen.sensor !== 'healthy') {
    const state = seen.sensor === 'none' ? 'absent' : seen.sensor;
    return unproven(
      `${noPorts}, and the node’s sensor is ${state}.`,
      seen.sensor === 'none' || seen.wholeMinute,
    );
  }
  if (seen.steady === 0) {
    return unproven(
      `The sensor stored no connection that repeated in each of the ${STEADY_MINUTES} minutes before, so silence proves nothing. Activity level full stores them.`,
      true,
    );
  }
  if (!seen.wholeMinute) return unproven('Watching one whole minute.', false);
  return enforced(
    `The sensor saw ${seen.steady} steady ${seen.steady === 1 ? 'connection' : 'connections'} in each of the ${STEADY_MINUTES} minutes before and no new one in a whole minute since.`,
  );
}

function enforced(detail: string): Verdict {
  return { proof: 'enforced', detail, final: true };
}

function unproven(detail: string, final: boolean): Verdict {
  return { proof: 'unproven', detail, final };
}
