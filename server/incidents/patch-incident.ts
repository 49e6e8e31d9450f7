import { priorityName } from '../../core/events/priority.ts';
import { CHECKLIST } from '../../core/incident/checklist.ts';
import { changeState, phaseLabel, type StateStep } from '../../core/incident/status-machine.ts';
import type { IncidentRow, PatchIncident } from '../../core/wire/incidents.ts';
import type { Incident, Prisma } from '../../prisma/generated/client.ts';
import { notify } from '../actions/record.ts';
import { appendAudit } from '../audit-trail/append.ts';
import { actorName, requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { addLine } from './add-line.ts';
import { checklistSchema, toIncidentRow } from './incident-row.ts';
import { loadIncident } from './load-incident.ts';

type Line = Omit<Parameters<typeof addLine>[2], 'incidentId'>;

/**
 * Changes any of phase, status, owner, title, priority and one checklist item; each change is one
 * timeline line. Errors: conflict `incident_closed`, `incident_changed`; not_found; bad_request.
 */
export async function patchIncident({
  ctx,
  input,
}: {
  readonly ctx: Pick<Ctx, 'actor' | 'db' | 'config' | 'now'>;
  readonly input: PatchIncident & { readonly id: number };
}): Promise<IncidentRow> {
  requireRole(ctx, 'responder');
  return await ctx.db.$transaction(async (tx) => {
    const before = await loadIncident(tx, ctx.config.clusterId, input.id);
    const row = toIncidentRow(before);
    const moved = changeState(row, input);
    if (!moved.ok) throw new AppError('conflict', moved.message, { reason: 'incident_closed' });
    const { data, lines } = plainChanges(ctx, before, input);
    const all = [...moved.steps.map(stateLine), ...lines];
    if (all.length === 0) return row;
    const { status, phase } = moved.state;
    const closedAt = status === row.status ? before.closedAt : status === 'closed' ? ctx.now() : null;
    // Conditional on what was read: two responders cannot both move the same phase.
    const { count } = await tx.incident.updateMany({
      where: { id: before.id, status: before.status, phase: before.phase, owner: before.owner },
      data: { ...data, status, phase, closedAt },
    });
    if (count === 0) {
      throw new AppError('conflict', 'Somebody else changed the incident at the same time. Look again.', {
        reason: 'incident_changed',
      });
    }
    for (const line of all) await addLine(tx, ctx, { ...line, incidentId: before.id });
    await notify(tx, { t: 'incident', id: before.id });
    const { id, ...asked } = input;
    const detail = JSON.parse(JSON.stringify(asked)) as Prisma.InputJsonObject;
    await appendAudit(tx, ctx, { verb: 'incident.patch', target: `incident:${id}`, detail });
    return toIncidentRow(await tx.incident.findUniqueOrThrow({ where: { id: before.id } }));
  });
}

function stateLine(step: StateStep): Line {
  if (step.kind === 'closed') return { kind: 'closed', summary: 'closed the incident', about: 'closed' };
  if (step.kind === 'opened') return { kind: 'opened', summary: 'reopened the incident', about: 'reopened' };
  const summary = `moved from ${phaseLabel(step.from)} to ${phaseLabel(step.to)}`;
  return { kind: 'phase', summary, about: 'phase', data: { phase: step.to } };
}

function plainChanges(
  ctx: Pick<Ctx, 'actor' | 'now'>,
  before: Incident,
  input: PatchIncident,
): { readonly data: Prisma.IncidentUpdateManyMutationInput; readonly lines: readonly Line[] } {
  const data: Prisma.IncidentUpdateManyMutationInput = {};
  const lines: Line[] = [];
  if (input.owner !== undefined && input.owner !== before.owner) {
    data.owner = input.owner;
    const summary = input.owner === null ? 'removed the owner' : `made ${input.owner} the owner`;
    lines.push({ kind: 'owner', summary, about: 'owner' });
  }
  if (input.title !== undefined && input.title !== before.title) {
    data.title = input.title;
    lines.push({
      kind: 'note',
      summary: `renamed it from “${before.title}” to “${input.title}”`,
      about: 'title',
    });
  }
  if (input.priority !== undefined && input.priority !== before.priority) {
    data.priority = input.priority;
    const summary = `changed the priority from ${priorityName(before.priority)} to ${priorityName(input.priority)}`;
    lines.push({ kind: 'note', summary, about: 'priority' });
  }
  if (input.checklist !== undefined) {
    const { key, done } = input.checklist;
    const item = CHECKLIST.find((known) => known.key === key);
    if (item === undefined) throw new AppError('bad_request', `There is no checklist item ${key}.`);
    const others = checklistSchema.parse(before.checklist).filter((state) => state.key !== key);
    const doneBy = done ? actorName(ctx.actor) : null;
    data.checklist = [...others, { key, done, doneBy, doneAt: done ? ctx.now().toISOString() : null }];
    const summary = `${done ? 'ticked' : 'unticked'} “${item.label}”`;
    lines.push({ kind: 'note', summary, about: 'checklist' });
  }
  return { data, lines };
}
