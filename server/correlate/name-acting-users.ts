import { type ActingUser, actingUsers, type ExecRequest } from '../../core/incident/acting-user.ts';
import type { Prisma } from '../../prisma/generated/client.ts';
import { labelLines } from '../incidents/acting-user-lines.ts';
import { entriesFor, newEntries, newRequests, requestsFor, type StoredEntry } from './exec-sessions.ts';

type Tx = Prisma.TransactionClient;
const KEYS = ['k8s.user', 'k8s.user.confidence', 'k8s.user.groups', 'k8s.user.ip', 'k8s.user.audit'];

/**
 * Finds the Kubernetes user behind what was run in containers and writes it into the events of that process and of
 * all it started, and into their lines in incidents. Requests and processes come from different logs, in any order:
 * each that arrived after `since` is held against all that is stored of the other kind. Returns how many events
 * changed.
 */
export async function nameActingUsers(
  tx: Tx,
  arrived: { readonly clusterId: string; readonly since: Date; readonly now: Date },
): Promise<number> {
  const { clusterId } = arrived;
  const [asked, started] = [await newRequests(tx, arrived), await newEntries(tx, arrived)];
  if (asked.length === 0 && started.length === 0) return 0;
  const requests = unique(
    [...asked, ...(await requestsFor(tx, clusterId, started))],
    (request) => request.audit,
  );
  // Rivals count: what else a request may have started decides how sure one can be.
  const entries = unique([...started, ...(await entriesFor(tx, clusterId, requests))], keyOf);
  const rivals = unique([...requests, ...(await requestsFor(tx, clusterId, entries))], ({ audit }) => audit);
  const users = actingUsers(rivals, entries);
  let changed = 0;
  for (const [index, entry] of entries.entries()) {
    const user = users[index];
    if (user !== undefined || entry.isLabelled) changed += await label(tx, arrived, entry, user);
  }
  return changed;
}

async function label(
  tx: Tx,
  { clusterId, now }: { readonly clusterId: string; readonly now: Date },
  entry: StoredEntry,
  user: ActingUser | undefined,
): Promise<number> {
  const from = new Date(entry.timeMs - 1_000);
  const until = new Date(now.getTime() + 24 * 3600_000);
  const changed = await tx.$queryRaw<{ id: string }[]>`
    UPDATE event SET fields = (fields - ${KEYS}::text[]) || ${JSON.stringify(fieldsOf(user))}::jsonb
     WHERE cluster_id = ${clusterId} AND container_id = ${entry.containerId} AND time >= ${from} AND time < ${until}
       AND fields->>'container.entry.ts' = ${entry.timeNs}
       AND fields->>'container.entry.pid' = ${String(entry.pid)}
       AND (fields->>'k8s.user.audit', fields->>'k8s.user.confidence')
           IS DISTINCT FROM (${user?.audit ?? null}::text, ${user?.confidence ?? null}::text)
    RETURNING id`;
  const line = user && { user: user.user, confidence: user.confidence, audit: user.audit };
  if (changed.length > 0)
    await labelLines(
      tx,
      changed.map(({ id }) => id),
      line,
    );
  return changed.length;
}

function fieldsOf(user: ActingUser | undefined): Record<string, string | readonly string[]> {
  if (user === undefined) return {};
  return {
    'k8s.user': user.user,
    'k8s.user.confidence': user.confidence,
    'k8s.user.audit': user.audit,
    ...(user.groups.length > 0 && { 'k8s.user.groups': user.groups }),
    ...(user.ip !== null && { 'k8s.user.ip': user.ip }),
  };
}

const keyOf = ({ containerId, pid, timeNs }: StoredEntry) => `${containerId} ${pid} ${timeNs}`;

function unique<T extends ExecRequest | StoredEntry>(list: readonly T[], key: (one: T) => string): T[] {
  return [...new Map(list.map((one) => [key(one), one])).values()];
}
