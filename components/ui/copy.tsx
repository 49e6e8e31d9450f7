'use client';

import { Check, Copy as CopyIcon } from 'lucide-react';
import { useEffect, useState } from 'react';
import { IconButton } from './button.tsx';

/** Copies `value`; the icon says it worked for two seconds. */
export function Copy({ value, label = 'Copy' }: { readonly value: string; readonly label?: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 2_000);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <IconButton
      label={done ? 'Copied' : label}
      onClick={() => {
        navigator.clipboard.writeText(value).then(
          () => setDone(true),
          () => setDone(false),
        );
      }}
    >
      {done ? <Check className="i sm" /> : <CopyIcon className="i sm" />}
    </IconButton>
  );
}
