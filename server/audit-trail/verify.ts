import type { Ctx } from '../context.ts';
import { CHAIN_START, chainHash } from './append.ts';

const PAGE = 1_000;

export type ChainVerdict =
  | { readonly ok: true; readonly rows: number; readonly head: string }
  | { readonly ok: false; readonly rows: number; readonly brokenAt: string; readonly why: string };

/** Recomputes the whole chain in pages. `brokenAt` is the id of the first row that does not fit. */
export async function verifyAuditTrail(ctx: Pick<Ctx, 'db'>): Promise<ChainVerdict> {
  let prevHash = CHAIN_START;
  let after = 0n;
  let rows = 0;
  for (;;) {
    const page = await ctx.db.auditTrail.findMany({
      where: { id: { gt: after } },
      orderBy: { id: 'asc' },
      take: PAGE,
    });
    for (const row of page) {
      const brokenAt = String(row.id);
      if (row.prevHash !== prevHash)
        return { ok: false, rows, brokenAt, why: 'a row before it is missing or changed' };
      if (row.hash !== chainHash(prevHash, row))
        return { ok: false, rows, brokenAt, why: 'the row was changed' };
      prevHash = row.hash;
      after = row.id;
      rows += 1;
    }
    if (page.length < PAGE) return { ok: true, rows, head: prevHash };
  }
}
