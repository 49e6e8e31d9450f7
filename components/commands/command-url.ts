import {
  COMMAND_KINDS,
  COMMAND_TARGETS,
  type CommandKind,
  type CommandTarget,
  commandTargetSchema,
} from '../../core/wire/commands.ts';
import type { ParamPatch } from '../shell/url-params.ts';

export type CommandAsk = {
  readonly kind: CommandKind;
  readonly target: CommandTarget;
  readonly incidentId: number | undefined;
  /** The freeze that a thaw takes back. */
  readonly undoOf: string | undefined;
};

type Params = { get(name: string): string | null };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads `?command=freeze&on=pod/NS/NAME&incident=ID`; undefined when absent or malformed. */
export function readCommandUrl(params: Params): CommandAsk | undefined {
  const kind = COMMAND_KINDS.find((one) => one === params.get('command'));
  const target = parseTarget(params.get('on') ?? '');
  if (kind === undefined || target === undefined || !COMMAND_TARGETS[kind].includes(target.kind))
    return undefined;
  const incident = params.get('incident') ?? '';
  const undoOf = params.get('undo') ?? '';
  return {
    kind,
    target,
    incidentId: /^\d{1,9}$/.test(incident) ? Number(incident) : undefined,
    undoOf: UUID.test(undoOf) ? undoOf : undefined,
  };
}

/** Id of the command whose progress is shown. */
export function readRunUrl(params: Params): string | undefined {
  const run = params.get('run') ?? '';
  return UUID.test(run) ? run : undefined;
}

/** URL parameters that open a preview; opening asks no agent for anything. */
export const commandParams = (ask: CommandAsk): ParamPatch => ({
  command: ask.kind,
  on: targetText(ask.target),
  incident: ask.incidentId === undefined ? null : String(ask.incidentId),
  undo: ask.undoOf ?? null,
  run: null,
});

export const runParams = (id: string): ParamPatch => ({ ...CLOSED, run: id });
export const CLOSED: ParamPatch = { command: null, on: null, incident: null, undo: null, run: null };

function targetText(target: CommandTarget): string {
  if (target.kind === 'pod') return `pod/${target.namespace}/${target.name}`;
  return target.kind === 'node'
    ? `node/${target.name}`
    : `process/${target.node}/${target.pid}/${target.seenAt}`;
}

export function commandTargetName(target: CommandTarget): string {
  if (target.kind === 'pod') return `${target.namespace}/${target.name}`;
  return target.kind === 'node' ? target.name : `process ${target.pid} on ${target.node}`;
}

function parseTarget(text: string): CommandTarget | undefined {
  const [kind, first, second, third, more] = text.split('/');
  if (more !== undefined) return undefined;
  const given =
    kind === 'pod' && third === undefined
      ? { kind, namespace: first, name: second }
      : kind === 'node' && second === undefined
        ? { kind, name: first }
        : { kind, node: first, pid: Number(second), seenAt: third };
  return commandTargetSchema.safeParse(given).data;
}
