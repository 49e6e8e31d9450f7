import { priorityName } from '../../core/events/priority.ts';
import { phaseLabel } from '../../core/incident/status-machine.ts';
import type { Gap } from '../../core/wire/events.ts';
import type { IncidentRow, TimelineEntry } from '../../core/wire/incidents.ts';

/** Columns of the timeline in every tabular export, in order: all fields of a timeline line. */
export const COLUMNS = [
  'time',
  'kind',
  'actor',
  'source',
  'priority',
  'rule',
  'summary',
  'count',
  'lane',
  'namespace',
  'pod',
  'node',
  'user',
  'actingUser',
  'process',
  'object',
  'outcome',
  'eventId',
  'actionId',
  'undoable',
  'id',
] as const satisfies readonly (keyof TimelineEntry)[];

/** Values of the columns, flat. */
export function cellsOf(entry: TimelineEntry): readonly (string | number | boolean | null)[] {
  const { actingUser } = entry;
  const who = actingUser === undefined ? null : `${actingUser.user} (confidence ${actingUser.confidence})`;
  return COLUMNS.map((column) => (column === 'actingUser' ? who : entry[column]));
}

/** A report for a ticket or wiki page: heading, facts, gaps, the timeline as a table. */
export function toMarkdown(input: {
  readonly incident: IncidentRow;
  readonly timeline: readonly TimelineEntry[];
  readonly gaps: readonly Gap[];
  readonly exportedAt: string;
}): string {
  const { incident, timeline, gaps } = input;
  const facts: [string, string][] = [
    ['Priority', priorityName(incident.priority)],
    ['Status', incident.status],
    ['Phase', phaseLabel(incident.phase)],
    ['Owner', incident.owner ?? 'nobody'],
    ['Opened', incident.openedAt],
    ['Closed', incident.closedAt ?? 'not closed'],
    ['Events', `${incident.eventCount}, from ${incident.firstEventAt} to ${incident.lastEventAt}`],
    ['Exported', input.exportedAt],
  ];
  const entities = incident.entities.map(({ kind, name }) => `- ${kind}: ${escapeMarkdown(name)}`);
  return [
    `# INC-${incident.id}: ${escapeMarkdown(incident.title)}`,
    ...(incident.summary === '' ? [] : [escapeMarkdown(incident.summary)]),
    facts.map(([name, value]) => `- ${name}: ${escapeMarkdown(value)}`).join('\n'),
    ...(entities.length === 0 ? [] : ['## Entities', entities.join('\n')]),
    '## Not observed',
    gaps.length === 0 ? 'No gaps are known in this stretch of time.' : gaps.map(gapLine).join('\n'),
    '## Timeline (UTC)',
    [
      `| ${COLUMNS.join(' | ')} |`,
      `|${COLUMNS.map(() => '---').join('|')}|`,
      ...timeline.map((entry) => `| ${cellsOf(entry).map(tableCell).join(' | ')} |`),
    ].join('\n'),
    '',
  ].join('\n\n');
}

function gapLine(gap: Gap): string {
  const lost = gap.count === null ? '' : `, ${gap.count} events lost`;
  const where = gap.node === null ? '' : ` on ${escapeMarkdown(gap.node)}`;
  const detail = gap.detail === null ? '' : ` (${escapeMarkdown(gap.detail)})`;
  return `- ${gap.start} to ${gap.end}: ${gap.source}${where}, ${escapeMarkdown(gap.cause)}${lost}${detail}`;
}

function tableCell(value: unknown): string {
  return value === null || value === undefined ? '' : escapeMarkdown(String(value));
}

/**
 * Makes hostile text plain: markup characters get a backslash, `<` and `&` become entities, line breaks
 * become spaces, control characters go. What is left cannot start a link, a tag, a cell or a heading.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\r\n\t\u2028\u2029]+/g, ' ')
    .replace(/\p{Cc}/gu, '')
    .replace(/[\\`*_{}[\]()#+!|~]/g, '\\$&')
    .replace(/^(\s*)([-=])/, '$1\\$2')
    .replace(/^(\s*\d+)\./, '$1\\.')
    .replace(/:\/\//g, ':\u200b//')
    .replace(/\b(www)\./gi, '$1\u200b.');
}
