import type { Confidence } from '../wire/incidents.ts';

/** What a kubectl exec asked for, as the audit log tells it. */
export type ExecRequest = {
  /** Names the audit event: `<shard>.<uuid>@<time>`. */
  readonly audit: string;
  readonly timeMs: number;
  readonly user: string;
  readonly groups: readonly string[];
  readonly ip: string | null;
  readonly namespace: string;
  readonly pod: string;
  /** Null when the request left it to the server. */
  readonly container: string | null;
  /** Words of the command, joined by spaces; null when the policy kept it out of the log. */
  readonly command: string | null;
};

/** A program that was started in a container from outside of it. */
export type EntryProcess = {
  readonly containerId: string;
  readonly pid: number;
  readonly timeNs: string;
  readonly timeMs: number;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string | null;
  readonly cmdline: string;
};

export type ActingUser = Pick<ExecRequest, 'audit' | 'user' | 'groups' | 'ip'> & {
  readonly confidence: Confidence;
};

/** The log's time is that of another machine: a process may seem to start before it was asked for. */
export const BEFORE_MS = 2_000;
/** A kubelet under load takes its time. */
export const AFTER_MS = 10_000;
const NEAR_MS = 2_000;
/** The sensor reads this much of a command line. */
const CMDLINE_CHARS_MAX = 4_000;

/**
 * Who started each process. high: same command within two seconds, and every request that could have been it is by
 * the same user and has a process. medium: same command otherwise. low: nothing but the time speaks for it, and no
 * process of the requested command was seen. Kubelets run probes in the same way and ask nobody: those have no user.
 * Shape: one value for each of `entries`, undefined where no request fits.
 */
export function actingUsers(
  requests: readonly ExecRequest[],
  entries: readonly EntryProcess[],
): readonly (ActingUser | undefined)[] {
  const fits = requests.map((request) => entries.filter((entry) => isInWindow(request, entry)));
  const same = requests.map((request, i) => fits[i]?.filter((entry) => isSameCommand(request, entry)) ?? []);
  return entries.map((entry) => {
    const rivals = requests.flatMap((request, i) => (same[i]?.includes(entry) ? [{ request, i }] : []));
    const best = nearest(rivals, entry);
    if (best !== undefined) {
      const isOneUser = rivals.every(({ request }) => request.user === best.request.user);
      const isCertain = isOneUser && (same[best.i]?.length ?? 0) <= rivals.length;
      return told(best.request, isCertain && distance(best.request, entry) <= NEAR_MS ? 'high' : 'medium');
    }
    const unseen = requests.flatMap((request, i) =>
      same[i]?.length === 0 && fits[i]?.includes(entry) && distance(request, entry) <= NEAR_MS
        ? [{ request, i }]
        : [],
    );
    const guess = nearest(unseen, entry);
    return guess === undefined ? undefined : told(guess.request, 'low');
  });
}

function told({ audit, user, groups, ip }: ExecRequest, confidence: Confidence): ActingUser {
  return { audit, user, groups, ip, confidence };
}

function isInWindow(request: ExecRequest, entry: EntryProcess): boolean {
  const later = entry.timeMs - request.timeMs;
  return (
    later >= -BEFORE_MS &&
    later <= AFTER_MS &&
    request.namespace === entry.namespace &&
    request.pod === entry.pod &&
    (request.container === null || entry.container === null || request.container === entry.container)
  );
}

function isSameCommand({ command }: ExecRequest, { cmdline }: EntryProcess): boolean {
  if (command === null || cmdline === '') return false;
  return command === cmdline || (cmdline.length >= CMDLINE_CHARS_MAX && command.startsWith(cmdline));
}

function nearest<T extends { readonly request: ExecRequest }>(
  list: readonly T[],
  entry: EntryProcess,
): T | undefined {
  return list.toSorted((a, b) => distance(a.request, entry) - distance(b.request, entry))[0];
}

function distance(request: ExecRequest, entry: EntryProcess): number {
  return Math.abs(entry.timeMs - request.timeMs);
}
