import { useEffect, useRef, useState } from 'react';
import { useUrlParams } from '../shell/url-params.ts';

const TYPING_MS = 300;

/**
 * The query in force, and the text that the query bar starts from (`revision` counts its changes; what is
 * typed in between stays in the bar, so that a key press draws the bar alone). Typing replaces the URL's `q`; Run puts the query
 * that was in force back and pushes the new one, so that Back returns to it. A `q` that changes in any
 * other way (Back, a link, a filter by value) is in force at once.
 */
export function useQueryDraft(urlQuery: string) {
  const { update } = useUrlParams();
  const [start, setStart] = useState({ text: urlQuery, revision: 0 });
  const [applied, setApplied] = useState(urlQuery);
  const [seen, setSeen] = useState(urlQuery);
  const [typed, setTyped] = useState<string>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  if (urlQuery !== seen) {
    setSeen(urlQuery);
    if (urlQuery !== typed) {
      setStart({ text: urlQuery, revision: start.revision + 1 });
      setApplied(urlQuery);
      setTyped(undefined);
    }
  }
  useEffect(() => () => clearTimeout(timer.current), []);

  const type = (next: string): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setTyped(next);
      update({ q: next === '' ? null : next }, 'replace');
    }, TYPING_MS);
  };
  /** Puts a query in force. */
  const run = (next: string): void => {
    clearTimeout(timer.current);
    setStart((old) => ({ text: next, revision: old.revision + 1 }));
    setApplied(next);
    setTyped(next);
    if (next === applied) return;
    update({ q: applied === '' ? null : applied }, 'replace');
    update({ q: next === '' ? null : next, ev: null }, 'push');
  };
  return { start, applied, type, run };
}
