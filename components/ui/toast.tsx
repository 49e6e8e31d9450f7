'use client';

import dynamic from 'next/dynamic';
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';

export type ToastInput = {
  readonly title: string;
  readonly detail?: string;
  /** Shown as a button; the toast closes once it is pressed. */
  readonly action?: { readonly label: string; readonly run: () => void };
};
export type ToastEntry = ToastInput & { readonly id: number };

const STACK_MAX = 3;
const ToastList = dynamic(() => import('./toast-list.tsx').then((module) => module.ToastList), {
  ssr: false,
});
const ToastContext = createContext<(toast: ToastInput) => void>(() => undefined);

/** Announces a result; at most three at once, 30 s each, the time stops on hover and focus. */
export function useToast(): (toast: ToastInput) => void {
  return useContext(ToastContext);
}

export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [entries, setEntries] = useState<readonly ToastEntry[]>([]);
  const nextId = useRef(0);
  const push = useCallback((toast: ToastInput) => {
    nextId.current += 1;
    const entry = { ...toast, id: nextId.current };
    setEntries((old) => [...old, entry].slice(-STACK_MAX));
  }, []);
  const close = useCallback((id: number) => setEntries((old) => old.filter((entry) => entry.id !== id)), []);
  return (
    <ToastContext.Provider value={push}>
      {children}
      {nextId.current === 0 ? null : <ToastList entries={entries} onClose={close} />}
    </ToastContext.Provider>
  );
}
