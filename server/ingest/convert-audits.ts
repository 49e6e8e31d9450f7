import type { Pool } from 'pg';
import { type AuditResult, type MappedAudit, mapAuditEvent } from '../../core/events/k8s-audit.ts';
import type { AuditFolder } from '../../core/events/k8s-audit-folder.ts';
import { recordFields } from '../../core/fields/record.ts';
import type { Ruleset } from '../../core/rules/ruleset.ts';
import { eventItemSchema } from '../../core/wire/ingest.ts';
import { auditStageId } from './event-id.ts';
import type { Numbered, Rejection } from './parse-batch.ts';

/** A request's ResponseStarted is written within this time after the request came in. */
const STARTED_WITHIN = '1 minute';

/**
 * Maps raw audit events and relates the stages of their requests. The folder knows only what this process
 * has seen; another replica, or a post that failed and came again, may have counted a request already. So a
 * completion that the folder would count is first looked up by the id of its start.
 */
export async function foldAudits(
  pool: Pool,
  raws: readonly unknown[],
  folder: AuditFolder,
): Promise<readonly AuditResult[]> {
  const pairs = raws.map((raw) => {
    const mapped = mapAuditEvent(raw);
    return { mapped, folded: mapped.ok ? folder.fold(mapped) : mapped };
  });
  const doubtful = pairs.flatMap(({ mapped, folded }) =>
    mapped.ok && folded.ok && folded.counts && !mapped.counts ? [mapped] : [],
  );
  const counted = await startsStored(pool, doubtful);
  return pairs.map(({ mapped, folded }) => (mapped.ok && counted.has(mapped.key) ? mapped : folded));
}

/** Keys of those whose ResponseStarted is stored. */
async function startsStored(pool: Pool, ends: readonly MappedAudit[]): Promise<ReadonlySet<string>> {
  if (ends.length === 0) return new Set();
  const found = await pool.query<{ key: string }>({
    name: 'audit-starts',
    text: `SELECT k.key FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) AS k(id, received, key)
             JOIN event e ON e.id = k.id AND e.time >= k.received
                         AND e.time < k.received + interval '${STARTED_WITHIN}'`,
    values: [
      ends.map(({ facts }) => auditStageId(facts.auditId, 'ResponseStarted')),
      ends.map(({ facts }) => new Date(Number(facts.receivedNs / 1_000_000n))),
      ends.map(({ key }) => key),
    ],
  });
  return new Set(found.rows.map(({ key }) => key));
}

/** Numbers run over what is stored or refused; stages that do not count and match no rule take none. */
export function convertAudits(results: readonly AuditResult[], ruleset: Ruleset) {
  const items: Numbered[] = [];
  const rejected: Rejection[] = [];
  const indexOf = new Map<number, number>();
  let seq = 0;
  for (const [index, result] of results.entries()) {
    if (!result.ok) {
      indexOf.set(++seq, index);
      rejected.push({ seq, path: '', message: result.reason });
      continue;
    }
    const match = ruleset.match(result.event);
    if (match === undefined && !result.counts) continue;
    indexOf.set(++seq, index);
    const record = { ...result.record, fields: recordFields(result.event) };
    const alert =
      match === undefined
        ? {}
        : { rule: match.rule, priority: match.priority, output: match.output, tags: match.tags };
    const parsed = eventItemSchema.safeParse({ k: 'event', ...record, ...alert });
    if (parsed.success) items.push({ seq, item: parsed.data });
    else rejected.push({ seq, path: '', message: parsed.error.issues[0]?.message ?? 'invalid' });
  }
  return { items, rejected, indexOf };
}
