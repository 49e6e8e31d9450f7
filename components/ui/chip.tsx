import type { ReactNode } from 'react';

export function Tag({ children, title }: { readonly children: ReactNode; readonly title?: string }) {
  return (
    <span className="tag" title={title}>
      {children}
    </span>
  );
}

/** Key caps of a shortcut, e.g. `G` `O`. */
export function Keys({ keys }: { readonly keys: readonly string[] }) {
  return keys.map((key) => <kbd key={key}>{key}</kbd>);
}
