'use client';

import { Keys } from '../ui/chip.tsx';
import { DialogBox } from '../ui/dialog.tsx';
import { PAGES, SETTINGS_PAGE } from './pages.ts';

const EVERYWHERE: readonly (readonly [readonly string[], string])[] = [
  [['⌘', 'K'], 'search and commands'],
  [['?'], 'this help'],
  [['⇧', 'N'], 'namespace'],
  [['⇧', 'T'], 'time range'],
  [['['], 'previous time window'],
  [[']'], 'next time window'],
  [['Space'], 'live or pause'],
  [['Y'], 'copy link with absolute time'],
  [['T'], 'chart to table'],
  [['⇧', 'D'], 'light or dark'],
];
const LISTS: readonly (readonly [readonly string[], string])[] = [
  [['/'], 'focus the query'],
  [['J', 'K'], 'next, previous row'],
  [['Enter'], 'open row'],
  [['Esc'], 'close'],
  [['F'], 'filter by value'],
  [['X'], 'exclude value'],
  [['.'], 'show new events'],
  [['A'], 'add note (incident)'],
  [['Z'], 'undo last action'],
  [['⌘', 'Enter'], 'confirm in a dialog'],
];

export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  const pages = [...PAGES, SETTINGS_PAGE].map((page) => [['G', page.key.toUpperCase()], page.label] as const);
  return (
    <DialogBox
      title="Keyboard shortcuts"
      description="On Windows and Linux, ⌘ is Ctrl. Single keys are off while you type and can be switched off in Settings."
      open
      onClose={onClose}
    >
      <div className="keys">
        <KeyList title="Everywhere" rows={EVERYWHERE} />
        <KeyList title="Lists and dialogs" rows={LISTS} />
        <KeyList title="Go to" rows={pages} />
      </div>
    </DialogBox>
  );
}

function KeyList({
  title,
  rows,
}: {
  readonly title: string;
  readonly rows: readonly (readonly [readonly string[], string])[];
}) {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {rows.map(([keys, what]) => (
          <div key={what}>
            <dt>
              <Keys keys={keys} />
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
