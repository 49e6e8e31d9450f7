/** Network plugins take a moment to program a policy; flows in this time prove nothing. */
export const SETTLE_MS = 3_000;
/** How long a quarantine is watched in all. */
export const WATCH_MS = 30_000;
/** Silence counts as proof only when at least this many flows were due in it. */
const FLOWS_DUE_MIN = 5;

/** What was seen since a quarantine policy was applied. */
export type Observation = {
  readonly sinceMs: number;
  /** The same pod still runs at the same address: silence is not the silence of the dead. */
  readonly podRuns: boolean;
  readonly portsBefore: readonly number[];
  readonly portsNow: readonly number[];
  readonly sensor: 'healthy' | 'degraded' | 'silent' | 'none';
  /** New connections in the 60 s before. */
  readonly flowsBefore: number;
  /** New connections since the policy settled. */
  readonly flowsAfter: number;
  /** Attempts that failed since the policy settled. */
  readonly refusedAfter: number;
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
  if (seen.sinceMs >= SETTLE_MS && seen.flowsAfter > 0) {
    return unproven(
      `The sensor saw ${seen.flowsAfter} new connections after the policy was applied: the network plugin may not enforce it.`,
    );
  }
  if (seen.portsBefore.length > 0) {
    const ports = seen.portsBefore.join(', ');
    if (seen.portsNow.length > 0)
      return unproven(
        // Kubernetes lets a node reach its own pods whatever the policies say.
        `TCP port ${seen.portsNow.join(', ')} still answers the server, which proves nothing if the server runs on the pod’s node.`,
      );
    if (seen.sinceMs >= SETTLE_MS) {
      return enforced(`TCP port ${ports} answered the server before and does not answer since.`);
    }
    return unproven('Waiting for the policy to settle.');
  }
  if (seen.sensor !== 'healthy') {
    return unproven(
      `No port of the pod answers the server even without a policy, and the node’s sensor is ${seen.sensor === 'none' ? 'absent' : seen.sensor}.`,
    );
  }
  if (seen.flowsBefore > 0 && seen.refusedAfter > 0) {
    return enforced(
      `The sensor saw ${seen.flowsBefore} connections in the minute before; since then ${seen.refusedAfter} attempts failed and none succeeded.`,
    );
  }
  const quietMs = Math.max(0, seen.sinceMs - SETTLE_MS);
  const due = (seen.flowsBefore * quietMs) / 60_000;
  if (due >= FLOWS_DUE_MIN) {
    return enforced(
      `The sensor saw ${seen.flowsBefore} connections in the minute before and none in ${Math.round(quietMs / 1_000)} s since.`,
    );
  }
  return unproven(
    `No new connection was seen in ${Math.round(quietMs / 1_000)} s, but only ${seen.flowsBefore} in the minute before: too few to tell.`,
  );
}

function enforced(detail: string): Verdict {
  return { proof: 'enforced', detail, final: true };
}

function unproven(detail: string, final = false): Verdict {
  return { proof: 'unproven', detail, final };
}
