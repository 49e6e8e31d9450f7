'use client';

import { X } from 'lucide-react';
import * as Primitive from 'radix-ui/toast';
import { Button, IconButton } from './button.tsx';
import type { ToastEntry } from './toast.tsx';

const SHOWN_MS = 30_000;

export function ToastList({
  entries,
  onClose,
}: {
  readonly entries: readonly ToastEntry[];
  readonly onClose: (id: number) => void;
}) {
  return (
    <Primitive.Provider duration={SHOWN_MS} swipeDirection="left" label="Result">
      {entries.map((entry) => (
        <ToastCard key={entry.id} entry={entry} onClose={() => onClose(entry.id)} />
      ))}
      <Primitive.Viewport className="toasts" />
    </Primitive.Provider>
  );
}

function ToastCard({ entry, onClose }: { readonly entry: ToastEntry; readonly onClose: () => void }) {
  const { action } = entry;
  return (
    <Primitive.Root className="toast" onOpenChange={(open) => (open ? undefined : onClose())}>
      <span>
        <Primitive.Title>{entry.title}</Primitive.Title>
        {entry.detail === undefined ? null : (
          <Primitive.Description asChild>
            <small>{entry.detail}</small>
          </Primitive.Description>
        )}
      </span>
      {action ? (
        <Primitive.Action asChild altText={`${action.label}: ${entry.title}`}>
          <Button small onClick={action.run}>
            {action.label}
          </Button>
        </Primitive.Action>
      ) : null}
      <Primitive.Close asChild>
        <IconButton label="Dismiss">
          <X className="i sm" />
        </IconButton>
      </Primitive.Close>
    </Primitive.Root>
  );
}
