import { z } from 'zod';
import {
  artifactSchema,
  COMMAND_KINDS,
  COMMAND_STATES,
  type CommandRow,
  commandParamsSchema,
  commandTargetSchema,
} from '../../core/wire/commands.ts';
import type { Command } from '../../prisma/generated/client.ts';

const kindSchema = z.enum(COMMAND_KINDS);
const stateSchema = z.enum(COMMAND_STATES);
const notesSchema = z.array(z.string()).catch([]);

/** A stored command as it is shown. */
export function toCommandRow(command: Command, now: Date): CommandRow {
  const kind = kindSchema.parse(command.kind);
  const params = commandParamsSchema.catch({}).parse(command.params);
  const state = stateSchema.parse(command.state);
  const frozenUntil = (command.endedAt?.getTime() ?? 0) + (params.seconds ?? 0) * 1_000;
  return {
    id: command.id,
    kind,
    target: commandTargetSchema.parse(command.target),
    params,
    node: command.node,
    state,
    cancelRequested: command.cancelRequested,
    actor: command.actor,
    reason: command.reason,
    incidentId: command.incidentId,
    requestedAt: command.requestedAt.toISOString(),
    startedAt: command.startedAt?.toISOString() ?? null,
    endedAt: command.endedAt?.toISOString() ?? null,
    deadline: command.deadline.toISOString(),
    summary: command.summary,
    notes: notesSchema.parse(command.notes),
    error: command.error,
    artifact: artifactSchema.nullable().catch(null).parse(command.artifact),
    uploadedBytes: command.artifactBytes,
    artifactKept: command.artifactKept,
    undoOf: command.undoOf,
    undoable:
      kind === 'freeze' && state === 'done' && command.undoneBy === null && frozenUntil > now.getTime(),
  };
}
