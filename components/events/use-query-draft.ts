import { useEffect, useRef, useState } from 'react';
import { useUrlParams } from '../shell/url-params.ts';

const TYPING_MS = 300;

/**
 * The text of the query bar and the query in force. Typing replaces the URL's `q`; Run puts the query
 * that was in force back and pushes the new one, so that Back returns to it. A `q` that changes in any
 * other way (Back, a link, a filter by value) is in force at once.
 */
export function useQueryDraft(urlQuery: string) {
  const { update } = useUrlParams();
  const [text, setText] = useState(urlQuery);
  const [applied, setApplied] = useState(urlQuery);
  const [seen, setSeen] = useState(urlQuery);
  const [typed, setTyped] = useState<string>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  if (urlQuery !== seen) {
    setSeen(urlQuery);
    if (urlQuery !== typed) {
      setText(urlQuery);
      setApplied(urlQuery);
      setTyped(undefined);
    }
  }
  useEffect(() => () => clearTimeout(timer.current), []);

  const type = (next: string): void => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setTyped(next);
      update({ q: next === '' ? null : next }, 'replace');
    }, TYPING_MS);
  };
  /** Puts a query in force; `sel` goes with it, since another query has another histogram. */
  const run = (next: string): void => {
    clearTimeout(timer.current);
    setText(next);
    setApplied(next);
    setTyped(next);
    if (next === applied) return;
    update({ q: applied === '' ? null : applied }, 'replace');
    update({ q: next === '' ? null : next, ev: null }, 'push');
  };
  return { text, applied, type, run };
}
