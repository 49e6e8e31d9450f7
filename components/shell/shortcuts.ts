'use client';

import { useEffect, useRef } from 'react';

const STORE_KEY = 'eyrie.single-keys';
const SEQUENCE_MS = 1_200;

/** Single-key shortcuts can be switched off in Settings (WCAG 2.1.4). */
export function singleKeysEnabled(): boolean {
  return window.localStorage.getItem(STORE_KEY) !== 'off';
}

export function setSingleKeys(enabled: boolean): void {
  window.localStorage.setItem(STORE_KEY, enabled ? 'on' : 'off');
}

/** `k`, `shift+d`, `mod+k`, `escape`, `[`: modifiers first, letters in lower case. */
export function comboOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>,
): string {
  const key = event.key === ' ' ? 'space' : event.key.toLowerCase();
  const shift = event.shiftKey && (/^[a-z]$/.test(key) || key.length > 1) ? 'shift+' : '';
  return `${event.ctrlKey || event.metaKey ? 'mod+' : ''}${event.altKey ? 'alt+' : ''}${shift}${key}`;
}

/** Keys typed into a field, or meant for a focused control or an open dialog, are not shortcuts. */
function isBusy(event: KeyboardEvent, combo: string): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement) || event.defaultPrevented) return true;
  if (combo.startsWith('mod+')) return false;
  if (target.closest('input, textarea, select, [contenteditable=true], [role=menu], [role=dialog]'))
    return true;
  const activates = combo === 'space' || combo === 'enter';
  if (activates && target.closest('button, a, summary, [role=button], [role=row], [role=tab]')) return true;
  return document.querySelector('[role=dialog][data-state=open]') !== null || !singleKeysEnabled();
}

/**
 * Runs a handler per key while the component is mounted. Shape: combos as `comboOf` gives them, or a
 * sequence of two keys with a space between: `g o`.
 */
export function useShortcuts(handlers: Readonly<Record<string, () => void>>): void {
  const current = useRef(handlers);
  current.current = handlers;
  useEffect(() => {
    let first: { readonly key: string; readonly at: number } | undefined;
    const onKey = (event: KeyboardEvent) => {
      if (['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return;
      const combo = comboOf(event);
      if (isBusy(event, combo)) return;
      const sequence =
        first && event.timeStamp - first.at < SEQUENCE_MS ? `${first.key} ${combo}` : undefined;
      first = { key: combo, at: event.timeStamp };
      const run =
        (sequence && current.current[sequence]) ??
        (sequence?.startsWith('g ') ? undefined : current.current[combo]);
      if (!run) return;
      event.preventDefault();
      first = undefined;
      run();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
