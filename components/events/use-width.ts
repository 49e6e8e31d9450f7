import { useCallback, useState } from 'react';

/** Width of an element in CSS pixels, kept up to date; 0 before it is drawn. */
export function useWidth<T extends Element>(): readonly [
  (node: T | null) => (() => void) | undefined,
  number,
] {
  const [width, setWidth] = useState(0);
  const ref = useCallback((node: T | null) => {
    if (node === null) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(node);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}
