/**
 * Writes core/scap/event-table-current.ts, event-table-legacy.ts, syscall-codes.ts and flag-tables.ts from
 * a directory of JSON tables (event-table-head.json, event-table-sysdig-0.29.3.json, ppm-sc-codes.json,
 * flag-tables.json). Usage: node scripts/event-tables.ts DIRECTORY
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Param = { name: string; type: string; fmt: string; table?: string };
type Event = {
  id: number;
  name: string;
  dir: string;
  category: string[];
  flags: string[];
  params: Param[];
};

const NOTICE = `/**
 * Made by scripts/event-tables.ts; do not edit.
 * Source: facts of falcosecurity/libs, driver/event_table.c, syscall_table.c, flags_table.c
 * (dual MIT/GPL-2.0; used under MIT, see NOTICE).
 */
`;

const FLAG_LETTERS: Readonly<Record<string, string>> = {
  CREATES_FD: 'C',
  USES_FD: 'U',
  DESTROYS_FD: 'D',
  READS_FROM_FD: 'R',
  WRITES_TO_FD: 'W',
  MODIFIES_STATE: 'M',
  SKIPPARSERESET: 'S',
  LARGE_PAYLOAD: 'L',
  WAITS: 'V',
};

/** Where the event came from is a second category word that no field shows. */
const ORIGINS = new Set(['SYSCALL', 'TRACEPOINT', 'METAEVENT', 'PLUGIN', 'ITER']);

function line(event: Event): string {
  const flags = event.flags.map((flag) => FLAG_LETTERS[flag] ?? '').join('') || '-';
  const category = event.category.find((word) => !ORIGINS.has(word)) ?? 'UNKNOWN';
  const params = event.params.map(({ name, type, fmt, table }) => {
    const format = fmt === 'HEX' || fmt === 'OCT' ? fmt : '';
    return [name, type, format, table ?? ''].join(':').replace(/:+$/, '');
  });
  return [event.id, event.name, event.dir, category, flags, ...params].join(' ');
}

function lines(file: string): Map<number, string> {
  const { events } = read(file) as { events: Event[] };
  const used = events.filter((event) => !event.flags.includes('UNUSED'));
  return new Map(used.map((event) => [event.id, line(event)]));
}

const [, , directory] = process.argv;
if (directory === undefined) throw new Error('usage: node scripts/event-tables.ts DIRECTORY');

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(directory ?? '', file), 'utf8'));
}

function write(file: string, text: string): void {
  writeFileSync(join(import.meta.dirname, '../core/scap', file), NOTICE + text);
}

const current = lines('event-table-head.json');
const legacy = [...lines('event-table-sysdig-0.29.3.json')].filter(([id, text]) => current.get(id) !== text);
write(
  'event-table-current.ts',
  `\n/** One event a line: id name direction category flags name:type:format:table … */\nexport const CURRENT_EVENTS = \`\n${[...current.values()].join('\n')}\n\`;\n`,
);
write(
  'event-table-legacy.ts',
  `\n/** Events as they were when captures held enter and exit events, where they differ from today. */\nexport const LEGACY_EVENTS = \`\n${legacy.map(([, text]) => text).join('\n')}\n\`;\n`,
);

const codes = read('ppm-sc-codes.json') as { head: Record<string, number> };
const names: string[] = [];
for (const [name, code] of Object.entries(codes.head)) names[code] ??= name.toLowerCase();
write(
  'syscall-codes.ts',
  `\n/** Names of system calls by their code in generic events, from 0; \`-\` = none. */\nexport const SYSCALL_NAMES: readonly string[] = \`\n${wrap([...names].map((name) => name ?? '-'))}\n\`\n  .trim()\n  .split(/\\s+/);\n`,
);

const flags = read('flag-tables.json') as Record<string, [string, number][]>;
const flagLines = Object.entries(flags).map(
  ([table, entries]) => `${table} ${entries.map(([name, value]) => `${name}=${value}`).join(' ')}`,
);
write(
  'flag-tables.ts',
  `\n/** One table a line: its name, then NAME=value in the order in which they are printed. */\nexport const FLAG_TABLES = \`\n${flagLines.join('\n')}\n\`;\n`,
);

function wrap(words: readonly string[]): string {
  const out: string[] = [];
  let row = '';
  for (const word of words) {
    if (row.length + word.length > 108) {
      out.push(row);
      row = '';
    }
    row += row === '' ? word : ` ${word}`;
  }
  return [...out, row].join('\n');
}
