import { commandTargetSchema } from '../../core/wire/commands.ts';
import type { Command, Prisma } from '../../prisma/generated/client.ts';
import { notify } from '../actions/record.ts';
import { appendAudit } from '../audit-trail/append.ts';
import type { Ctx } from '../context.ts';
import { COMMANDS, commandTargetName } from './definitions.ts';

type Step =
  | 'request'
  | 'cancel'
  | 'running'
  | 'done'
  | 'failed'
  | 'expired'
  | 'cancelled'
  | 'download'
  | 'forget';

/**
 * Writes one step of a command: the incident's timeline where it is news, the notification, and last the
 * audit trail, which holds its lock until the commit.
 */
export async function recordStep(
  tx: Prisma.TransactionClient,
  ctx: Pick<Ctx, 'actor' | 'now'>,
  command: Command,
  step: Step,
  detail: Prisma.InputJsonObject = {},
): Promise<void> {
  await addEntry(tx, command, step, ctx.now());
  await notify(tx, { t: 'action', id: command.id });
  await appendAudit(tx, ctx, {
    verb: `command.${command.kind}.${step}`,
    target: `command:${command.id}`,
    detail: { target: command.target as Prisma.InputJsonObject, node: command.node, ...detail },
  });
}

async function addEntry(
  tx: Prisma.TransactionClient,
  command: Command,
  step: Step,
  time: Date,
): Promise<void> {
  const summary = summaryOf(command, step);
  if (command.incidentId === null || summary === undefined) return;
  const target = commandTargetSchema.parse(command.target);
  await tx.incidentEntry.createMany({
    data: {
      incidentId: command.incidentId,
      time,
      kind: 'action',
      actor: command.actor,
      summary: summary.slice(0, 1_000),
      lane: 'response',
      namespace: target.kind === 'pod' ? target.namespace : null,
      pod: target.kind === 'pod' ? target.name : null,
      node: command.node,
      outcome: step === 'failed' || step === 'expired' ? 'failed' : 'ok',
      dedupeKey: `command:${command.id}:${step}`,
    },
    skipDuplicates: true,
  });
  await notify(tx, { t: 'incident', id: command.incidentId });
}

/** The words of a step in the timeline; deliveries and downloads are no news there. */
function summaryOf(command: Command, step: Step): string | undefined {
  const kind = command.kind as keyof typeof COMMANDS;
  const name = commandTargetName(commandTargetSchema.parse(command.target));
  const tried = `tried to ${COMMANDS[kind].verb} ${name}`;
  if (step === 'request') return `asked the agent on ${command.node} to ${COMMANDS[kind].verb} ${name}`;
  if (step === 'done')
    return `${COMMANDS[kind].done(name)}${command.summary === null ? '' : `. ${command.summary}`}`;
  if (step === 'failed') return `${tried}. It failed: ${command.error ?? 'no reason was given'}`;
  if (step === 'expired') return `${tried}. The agent did not fetch the command in time`;
  if (step === 'cancelled') return `${tried}. It was cancelled`;
  return undefined;
}
