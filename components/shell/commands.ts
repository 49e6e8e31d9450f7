import type { IncidentRow } from '../../core/wire/incidents.ts';
import { PAGES, SETTINGS_PAGE } from './pages.ts';
import { PRESETS, type TimeRange } from './scope-params.ts';

export type Command = {
  readonly id: string;
  readonly group: 'Pages' | 'Incidents' | 'Search' | 'Commands';
  readonly label: string;
  readonly hint?: string;
  readonly priority?: number;
  readonly run: () => void;
};

export type CommandEffects = {
  readonly go: (path: string) => void;
  readonly setRange: (range: TimeRange) => void;
  readonly togglePause: () => void;
  readonly toggleTheme: () => void;
  readonly copyLink: () => void;
  readonly showKeys: () => void;
  readonly signOut: () => void;
};

const PER_GROUP = 12;

/** Everything the palette offers for a text; the order of groups is the order on screen. */
export function findCommands(
  text: string,
  incidents: readonly IncidentRow[],
  effects: CommandEffects,
): readonly Command[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const matches = (label: string) => words.every((word) => label.toLowerCase().includes(word));
  const pick = (commands: readonly Command[]) =>
    commands.filter((command) => matches(`${command.label} ${command.hint ?? ''}`)).slice(0, PER_GROUP);
  return [
    ...pick(pageCommands(effects)),
    ...pick(incidentCommands(incidents, effects)),
    ...searchCommands(text.trim(), effects),
    ...pick(otherCommands(effects)),
  ];
}

const pageCommands = ({ go }: CommandEffects): readonly Command[] =>
  [...PAGES, SETTINGS_PAGE].map((page) => ({
    id: page.path,
    group: 'Pages',
    label: page.label,
    hint: `G ${page.key.toUpperCase()}`,
    run: () => go(page.path),
  }));

const incidentCommands = (incidents: readonly IncidentRow[], { go }: CommandEffects): readonly Command[] =>
  incidents.map((incident) => ({
    id: `incident-${incident.id}`,
    group: 'Incidents',
    label: incident.title,
    hint: `INC-${incident.id}`,
    priority: incident.priority,
    run: () => go(`/incidents/${incident.id}`),
  }));

function searchCommands(text: string, { go }: CommandEffects): readonly Command[] {
  if (text === '') return [];
  const events = (q: string) => `/events?q=${encodeURIComponent(q)}`;
  if (/[=()<>]|\s(in|contains|startswith|endswith|exists|and|or|glob)\s/.test(text)) {
    return [{ id: 'query', group: 'Search', label: `Events where ${text}`, run: () => go(events(text)) }];
  }
  const quoted = `"${text.replaceAll(/["\\]/g, '')}"`;
  return [
    ['Events of pods that contain', 'k8s.pod.name'],
    ['Events of processes that contain', 'proc.name'],
    ['Events of users that contain', 'user.name'],
  ].map(([label, field]) => ({
    id: `search-${field}`,
    group: 'Search',
    label: `${label} ${quoted}`,
    run: () => go(events(`${field} contains ${quoted}`)),
  }));
}

const otherCommands = (effects: CommandEffects): readonly Command[] => [
  {
    id: 'pause',
    group: 'Commands',
    label: 'Pause or resume live updates',
    hint: 'Space',
    run: effects.togglePause,
  },
  {
    id: 'theme',
    group: 'Commands',
    label: 'Switch between light and dark',
    hint: '⇧ D',
    run: effects.toggleTheme,
  },
  { id: 'link', group: 'Commands', label: 'Copy link with absolute time', hint: 'Y', run: effects.copyLink },
  { id: 'keys', group: 'Commands', label: 'Keyboard shortcuts', hint: '?', run: effects.showKeys },
  { id: 'out', group: 'Commands', label: 'Sign out', run: effects.signOut },
  ...PRESETS.map(
    (preset): Command => ({
      id: `range-${preset.token}`,
      group: 'Commands',
      label: `Time range: ${preset.label.toLowerCase()}`,
      run: () => effects.setRange({ kind: 'relative', token: preset.token }),
    }),
  ),
];
