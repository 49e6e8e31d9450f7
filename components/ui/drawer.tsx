'use client';

import clsx from 'clsx';
import { type ReactNode, useEffect, useRef } from 'react';

/**
 * Non-modal side panel: the page beside it stays usable. Esc closes it; focus goes back to what was
 * focused before, unless the user has moved on.
 */
export function Drawer({
  label,
  onClose,
  className,
  children,
}: {
  readonly label: string;
  readonly onClose: () => void;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  const root = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    const node = root.current;
    return () => {
      if (!(before instanceof HTMLElement) || !node) return;
      if (node.contains(document.activeElement) || document.activeElement === document.body) before.focus();
    };
  }, []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) onClose();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [onClose]);
  return (
    <aside ref={root} className={clsx('dr', className)} aria-label={label}>
      {children}
    </aside>
  );
}
