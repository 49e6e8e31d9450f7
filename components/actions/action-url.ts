import { ACTION_KINDS, type ActionKind, type ActionTarget } from '../../core/wire/actions.ts';
import type { ParamPatch } from '../shell/url-params.ts';

export type ActionRequest = {
  readonly action: ActionKind;
  readonly target: ActionTarget;
  readonly incidentId: number | undefined;
};

/** Reads `?preview=quarantine&target=pod/NS/NAME&incident=ID`; undefined when absent or malformed. */
export function readActionUrl(params: { get(name: string): string | null }): ActionRequest | undefined {
  const action = ACTION_KINDS.find((kind) => kind === params.get('preview'));
  const target = parseTarget(params.get('target') ?? '');
  if (action === undefined || target === undefined) return undefined;
  if ((target.kind === 'pod') !== (action === 'quarantine' || action === 'release')) return undefined;
  const incident = params.get('incident') ?? '';
  return { action, target, incidentId: /^\d{1,9}$/.test(incident) ? Number(incident) : undefined };
}

/** URL parameters that open a preview; opening changes nothing in the cluster. */
export const previewParams = (request: ActionRequest): ParamPatch => ({
  preview: request.action,
  target: targetText(request.target),
  incident: request.incidentId === undefined ? null : String(request.incidentId),
});

export const CLOSED_PARAMS: ParamPatch = { preview: null, target: null, incident: null };

export const targetText = (target: ActionTarget): string =>
  target.kind === 'pod' ? `pod/${target.namespace}/${target.name}` : `node/${target.name}`;

/** `namespace/name` of a pod, name of a node. */
export const targetName = (target: ActionTarget): string =>
  target.kind === 'pod' ? `${target.namespace}/${target.name}` : target.name;

function parseTarget(text: string): ActionTarget | undefined {
  const [kind, first, second, more] = text.split('/');
  if (!isName(first) || more !== undefined) return undefined;
  if (kind === 'node' && second === undefined) return { kind: 'node', name: first };
  if (kind === 'pod' && isName(second)) return { kind: 'pod', namespace: first, name: second };
  return undefined;
}

const isName = (text: string | undefined): text is string =>
  text !== undefined && /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(text);
