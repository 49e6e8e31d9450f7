'use client';

import { X } from 'lucide-react';
import * as Primitive from 'radix-ui/toast';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from 'react';
import { Button, IconButton } from './button.tsx';

export type ToastInput = {
  readonly title: string;
  readonly detail?: string;
  /** Shown as a button; the toast closes once it is pressed. */
  readonly action?: { readonly label: string; readonly run: () => void };
};

const SHOWN_MS = 30_000;
const STACK_MAX = 3;

type Entry = ToastInput & { readonly id: number };
const ToastContext = createContext<(toast: ToastInput) => void>(() => undefined);

/** Announces a result; at most three at once, 30 s each, the time stops on hover and focus. */
export function useToast(): (toast: ToastInput) => void {
  return useContext(ToastContext);
}

export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const nextId = useRef(0);
  const push = useCallback((toast: ToastInput) => {
    nextId.current += 1;
    const entry = { ...toast, id: nextId.current };
    setEntries((old) => [...old, entry].slice(-STACK_MAX));
  }, []);
  const close = useCallback((id: number) => setEntries((old) => old.filter((entry) => entry.id !== id)), []);
  const list = useMemo(
    () => entries.map((entry) => <ToastCard key={entry.id} entry={entry} onClose={() => close(entry.id)} />),
    [entries, close],
  );
  return (
    <ToastContext.Provider value={push}>
      <Primitive.Provider duration={SHOWN_MS} swipeDirection="left" label="Result">
        {children}
        {list}
        <Primitive.Viewport className="toasts" />
      </Primitive.Provider>
    </ToastContext.Provider>
  );
}

function ToastCard({ entry, onClose }: { readonly entry: Entry; readonly onClose: () => void }) {
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
