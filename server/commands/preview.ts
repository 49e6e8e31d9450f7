import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  type Capability,
  COMMAND_TARGETS,
  type CommandParams,
  type CommandPreview,
  capabilitySchema,
  type commandPreviewRequestSchema,
} from '../../core/wire/commands.ts';
import { agentState } from '../agents/list.ts';
import { canonicalJson } from '../audit-trail/canonical-json.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { COMMANDS, commandTargetName, limits, OPEN_MAX, paramsWithDefaults } from './definitions.ts';
import { locate, type Place } from './locate.ts';
import { OPEN_STATES } from './states.ts';

type Input = z.output<typeof commandPreviewRequestSchema>;
type Check = CommandPreview['checks'][number];
export const PROTECTED_CHECK = 'Protected target';

/** Shows what a command would do and who would do it; changes nothing. Errors: forbidden, bad_request, not_found. */
export async function previewCommand({
  ctx,
  input,
}: {
  readonly ctx: Ctx;
  readonly input: Input;
}): Promise<CommandPreview> {
  return (await planCommand(ctx, input)).preview;
}

/** The preview together with the place it was worked out for. */
export async function planCommand(
  ctx: Ctx,
  input: Input,
): Promise<{ readonly preview: CommandPreview; readonly place: Place; readonly params: CommandParams }> {
  const { kind, target } = input;
  const definition = COMMANDS[kind];
  requireRole(ctx, definition.role);
  if (!COMMAND_TARGETS[kind].includes(target.kind)) {
    throw new AppError('bad_request', `${kind} does not act on a ${target.kind}.`, { reason: 'target_kind' });
  }
  const params = paramsWithDefaults(kind, input.params);
  const place = await locate(ctx, target);
  const checks = [...(await checksOf(ctx, input, place)), ...(await undoChecks(ctx, input))];
  const name = commandTargetName(target);
  const { node, agent, scope } = place;
  const shown = { kind, target, params, node, agent: agent?.id ?? null, scope, undoOf: input.undoOf ?? null };
  const preview: CommandPreview = {
    kind,
    target,
    params,
    node,
    effect: definition.effect(name, params),
    facts: [{ label: 'node', value: node ?? 'unknown' }, ...limits(kind, params)],
    reads: [...definition.reads],
    warnings: kind === 'kill' ? ['Evidence in memory is destroyed. Collect evidence of the pod first.'] : [],
    checks,
    undo: definition.undo,
    allowed: checks.every(({ state }) => state !== 'fail'),
    token: createHash('sha256').update(canonicalJson(shown)).digest('hex'),
  };
  return { preview, place, params };
}

async function checksOf(ctx: Ctx, input: Input, place: Place): Promise<Check[]> {
  const { kind, target } = input;
  const { node, agent } = place;
  const checks: Check[] = [];
  const add = (name: string, state: Check['state'], detail: string, by: string) =>
    checks.push({ name, state, detail, by });
  if (node === null) {
    const gone = place.podGone ? 'The pod is gone, and' : 'Neither the API server nor';
    const rest = place.podGone
      ? 'no stored event tells where it ran.'
      : 'a stored event tells where the pod runs.';
    add('Node', 'fail', `${gone} ${rest}`, 'events of the pod');
    return checks;
  }
  add('Node', 'pass', `It runs on ${node}.`, place.by ?? 'request');
  if (place.podGone) {
    const detail = 'The pod is gone from the API; its processes may have ended.';
    add('Pod', COMMANDS[kind].disruptive ? 'fail' : 'warn', detail, 'API server');
  }
  if (COMMANDS[kind].disruptive && place.protectedReason !== null) {
    add(PROTECTED_CHECK, 'fail', place.protectedReason, 'server');
  }
  if (agent === null) {
    add('Agent', 'fail', `No agent has reported from ${node}. Run ./eyrie agent there.`, 'heartbeats');
    return checks;
  }
  const silent = agentState(agent, ctx.now().getTime()) === 'silent';
  const last = agent.lastSeenAt.toISOString().slice(0, 19).replace('T', ' ');
  add(
    'Agent',
    silent ? 'fail' : 'pass',
    silent ? `The agent is silent since ${last} UTC.` : 'The agent reports.',
    'heartbeats',
  );
  addCapability(checks, kind, agent.commands);
  const open = await ctx.db.command.count({
    where: { agentId: agent.id, state: { in: [...OPEN_STATES] } },
  });
  if (open >= OPEN_MAX) {
    add('Queue', 'fail', `The agent has ${open} open commands; wait for one to end or cancel it.`, 'server');
  }
  if (target.kind === 'process' && Date.parse(target.seenAt) > ctx.now().getTime()) {
    add('Process', 'fail', 'It is said to have been seen in the future.', 'server');
  }
  return checks;
}

function addCapability(checks: Check[], kind: Input['kind'], stored: unknown): void {
  const capabilities = z.array(capabilitySchema).catch([]).parse(stored);
  const found: Capability | undefined = capabilities.find((one) => one.kind === kind);
  const why = [found?.reason, found?.fix].filter((part) => part !== undefined).join(' ');
  if (found === undefined) {
    const detail = 'The agent does not say that it can do this. Update it to this version.';
    checks.push({ name: 'Capability', state: 'fail', detail, by: 'agent' });
  } else if (!found.available) {
    checks.push({ name: 'Capability', state: 'fail', detail: why, by: 'agent' });
  } else {
    const state = found.reason === undefined ? 'pass' : 'warn';
    checks.push({
      name: 'Capability',
      state,
      detail: why === '' ? 'The agent can do this.' : why,
      by: 'agent',
    });
  }
}

/** A thaw needs its freeze, done and not taken back. */
async function undoChecks(ctx: Ctx, input: Input): Promise<Check[]> {
  if (input.kind !== 'thaw') return [];
  const freeze =
    input.undoOf === undefined ? null : await ctx.db.command.findUnique({ where: { id: input.undoOf } });
  const fits =
    freeze !== null &&
    freeze.kind === 'freeze' &&
    canonicalJson(freeze.target) === canonicalJson(input.target);
  if (!fits) throw new AppError('not_found', 'There is no freeze of this target to take back.');
  if (freeze.undoneBy !== null)
    return [{ name: 'Freeze', state: 'fail', detail: 'It was thawed already.', by: 'server' }];
  const done = freeze.state === 'done';
  const detail = done ? 'It is frozen.' : `The freeze is ${freeze.state}.`;
  return [{ name: 'Freeze', state: done ? 'pass' : 'fail', detail, by: 'server' }];
}
