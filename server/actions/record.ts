import type { ActionTarget } from '../../core/wire/actions.ts';
import type { Action, Prisma } from '../../prisma/generated/client.ts';
import type { Ctx } from '../context.ts';
import { targetName } from './plan.ts';

/** The open incident an action belongs to: the one given, else the latest that holds the target. */
export async function incidentOf(
  ctx: Pick<Ctx, 'db' | 'config'>,
  target: ActionTarget,
  given: number | undefined,
): Promise<number | null> {
  if (given !== undefined) return (await ctx.db.incident.findUnique({ where: { id: given } }))?.id ?? null;
  const member = await ctx.db.incidentMember.findFirst({
    where: {
      clusterId: ctx.config.clusterId,
      entity: `${target.kind}:${targetName(target)}`,
      incident: { status: 'open' },
    },
    orderBy: { lastAt: 'desc' },
  });
  return member?.incidentId ?? null;
}

/** Writes a line of an action into its incident's timeline, once per `step`. */
export async function addActionEntry(
  tx: Prisma.TransactionClient,
  action: Pick<Action, 'id' | 'incidentId' | 'actor'>,
  line: {
    readonly step: 'applied' | 'failed' | 'proof';
    readonly time: Date;
    readonly summary: string;
    readonly outcome: 'ok' | 'failed';
    readonly actor?: string;
    readonly target: ActionTarget;
  },
): Promise<void> {
  if (action.incidentId === null) return;
  await tx.incidentEntry.createMany({
    data: {
      incidentId: action.incidentId,
      time: line.time,
      kind: 'action',
      actor: line.actor ?? action.actor,
      summary: line.summary,
      lane: 'response',
      namespace: line.target.kind === 'pod' ? line.target.namespace : null,
      pod: line.target.kind === 'pod' ? line.target.name : null,
      node: line.target.kind === 'node' ? line.target.name : null,
      outcome: line.outcome,
      actionId: action.id,
      dedupeKey: `action:${action.id}:${line.step}`,
    },
    skipDuplicates: true,
  });
  await notify(tx, { t: 'incident', id: action.incidentId });
}

/** Tells every replica; delivered at commit. */
export async function notify(
  tx: Prisma.TransactionClient,
  message: { readonly t: 'incident'; readonly id: number } | { readonly t: 'action'; readonly id: string },
): Promise<void> {
  await tx.$executeRaw`SELECT pg_notify('eyrie', ${JSON.stringify(message)})`;
}
