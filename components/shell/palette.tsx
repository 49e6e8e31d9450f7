'use client';

import { useQuery } from '@tanstack/react-query';
import * as Dialog from 'radix-ui/dialog';
import { useId, useState } from 'react';
import { openIncidentsQuery } from '../api/incident-queries.ts';
import { SeverityShape } from '../ui/severity.tsx';
import { type Command, type CommandEffects, findCommands } from './commands.ts';

/** Search and commands: type, move with the arrow keys, Enter runs. */
export function Palette({
  onClose,
  effects,
}: {
  readonly onClose: () => void;
  readonly effects: CommandEffects;
}) {
  return (
    <Dialog.Root open onOpenChange={(next) => (next ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content className="pal" aria-describedby={undefined}>
          <Dialog.Title className="vh">Search or run a command</Dialog.Title>
          <PaletteBody onClose={onClose} effects={effects} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function PaletteBody({
  onClose,
  effects,
}: {
  readonly onClose: () => void;
  readonly effects: CommandEffects;
}) {
  const id = useId();
  const [text, setText] = useState('');
  const [index, setIndex] = useState(0);
  const incidents = useQuery(openIncidentsQuery()).data?.rows ?? [];
  const commands = findCommands(text, incidents, effects);
  const at = Math.min(index, Math.max(0, commands.length - 1));
  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      const next = (at + step + commands.length) % Math.max(1, commands.length);
      setIndex(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(commands[at]);
    }
  };
  return (
    <>
      <input
        role="combobox"
        aria-label="Search or run a command"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={commands.length > 0 ? `${id}-${at}` : undefined}
        placeholder="Page, incident, query or command"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setIndex(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div role="listbox" id={`${id}-list`} aria-label="Results" className="list">
        {commands.map((command, i) => (
          <div key={command.id}>
            {command.group === commands[i - 1]?.group ? null : <div className="hd1">{command.group}</div>}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the combobox handles the keys of its options */}
            <div
              role="option"
              tabIndex={-1}
              id={`${id}-${i}`}
              className="it"
              aria-selected={i === at}
              onMouseMove={() => setIndex(i)}
              onClick={() => run(command)}
            >
              <span>
                {command.priority === undefined ? null : <SeverityShape priority={command.priority} label />}
              </span>
              <span className="el">{command.label}</span>
              <span className="muted">{command.hint}</span>
            </div>
          </div>
        ))}
        {commands.length > 0 ? null : (
          <p className="hd1">Nothing matches. Try a page, an incident or a filter.</p>
        )}
      </div>
    </>
  );
}
