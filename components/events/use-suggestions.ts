import { useMemo, useState } from 'react';
import { type Suggestion, suggestAt, type ValueCounts } from './suggest.ts';

/** Suggestions at the caret and the popup's state; closed until something is typed or Ctrl Space. */
export function useSuggestions(text: string, caret: number | undefined, counts: ValueCounts) {
  const [shown, setShown] = useState(false);
  const [index, setIndex] = useState(-1);
  const suggestions = useMemo(
    () => (shown && caret !== undefined ? suggestAt(text, caret, counts) : []),
    [shown, text, caret, counts],
  );
  const open = suggestions.length > 0;
  const activeIndex = Math.min(index, suggestions.length - 1);
  const active: Suggestion | undefined = suggestions[activeIndex];
  return {
    suggestions,
    open,
    activeIndex,
    active,
    show: () => {
      setShown(true);
      setIndex(-1);
    },
    close: () => setShown(false),
    move: (step: number) => {
      const length = suggestions.length;
      setIndex(((activeIndex < 0 && step < 0 ? 0 : activeIndex) + step + length) % length);
    },
  };
}
