import { randomUUID } from 'node:crypto';
import type { ENTRY_KINDS } from '../../core/wire/incidents.ts';
import type { Prisma } from '../../prisma/generated/client.ts';
import { actorName } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';

/** Writes what somebody did to an incident as one timeline line; `about` prefixes its unique key. */
export async function addLine(
  tx: Prisma.TransactionClient,
  ctx: Pick<Ctx, 'actor' | 'now'>,
  line: {
    readonly incidentId: number;
    readonly kind: (typeof ENTRY_KINDS)[number];
    readonly summary: string;
    readonly about: string;
    readonly data?: Prisma.InputJsonObject;
  },
): Promise<bigint> {
  const { id } = await tx.incidentEntry.create({
    data: {
      incidentId: line.incidentId,
      time: ctx.now(),
      kind: line.kind,
      actor: actorName(ctx.actor),
      summary: line.summary,
      lane: 'response',
      dedupeKey: `${line.about}:${randomUUID()}`,
      ...(line.data === undefined ? {} : { data: line.data }),
    },
    select: { id: true },
  });
  return id;
}
