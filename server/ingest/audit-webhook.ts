import { z } from 'zod';
import { AuditFolder } from '../../core/events/k8s-audit-folder.ts';
import { INGEST_ITEMS_MAX } from '../../core/wire/ingest.ts';
import { enrolAgent } from '../agents/enrol.ts';
import { WEBHOOK_AGENT_ID } from '../agents/webhook-agent.ts';
import { requireActor } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { asUnavailable } from '../db/unavailable.ts';
import { retentionDays } from '../jobs/retention.ts';
import { serverRuleset } from '../rulesets/server-ruleset.ts';
import { buildBatch } from './build-batch.ts';
import { convertAudits, foldAudits } from './convert-audits.ts';
import { storeInTurn } from './ingest-batch.ts';

/** The API server sends at most 400 events a batch by default; bodies of RequestResponse make them large. */
export const WEBHOOK_BODY_BYTES_MAX = 32 * 1024 * 1024;

/** The list is checked here, its items one by one by the mapping. */
export const auditEventListSchema = z.object({
  kind: z.literal('EventList'),
  apiVersion: z.literal('audit.k8s.io/v1'),
  items: z.array(z.unknown()).max(50_000),
});

export type WebhookReply = {
  readonly accepted: number;
  readonly duplicate: number;
  readonly skipped: number;
  readonly rejected: readonly { readonly index: number; readonly message: string }[];
};

/** Requests span several posts, so their stages are related per process, as long as it lives. */
const folders = new WeakMap<object, AuditFolder>();

/**
 * Takes what an API server's audit webhook back end posts, runs the audit rules and stores the events like an
 * agent's. A post that comes again changes nothing. Errors: unavailable, which makes the API server retry.
 */
export async function auditWebhook({
  ctx,
  input,
}: {
  ctx: Ctx;
  input: z.output<typeof auditEventListSchema>;
}): Promise<WebhookReply> {
  requireActor(ctx, 'webhook');
  try {
    const { ruleset } = await serverRuleset(ctx);
    const place = await enrolAgent(ctx, { id: WEBHOOK_AGENT_ID, node: 'webhook' });
    const days = await retentionDays(ctx);
    const folder = folders.get(ctx.pool) ?? new AuditFolder();
    folders.set(ctx.pool, folder);
    const totals = {
      accepted: 0,
      duplicate: 0,
      skipped: 0,
      rejected: [] as { index: number; message: string }[],
    };
    for (let start = 0; start < input.items.length; start += INGEST_ITEMS_MAX) {
      const raws = input.items.slice(start, start + INGEST_ITEMS_MAX);
      const { items, rejected, indexOf } = convertAudits(await foldAudits(ctx.pool, raws, folder), ruleset);
      const parsed = {
        header: { agentId: WEBHOOK_AGENT_ID, epoch: 1, firstSeq: 1 },
        items,
        rejected,
        lastSeq: items.length + rejected.length,
      };
      const batch = buildBatch(parsed, { ...place, now: ctx.now(), retentionDays: days });
      const { stored } = await storeInTurn(ctx, { ...batch, assignSeq: true });
      totals.accepted += stored.accepted;
      totals.duplicate += stored.duplicate;
      totals.skipped += raws.length - parsed.lastSeq;
      for (const { seq, message } of batch.rejected) {
        totals.rejected.push({ index: start + (indexOf.get(seq) ?? 0), message });
      }
    }
    return totals;
  } catch (err) {
    throw asUnavailable(err);
  }
}
