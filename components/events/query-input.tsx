'use client';

import clsx from 'clsx';
import { AlignLeft, Search } from 'lucide-react';
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { useShortcuts } from '../shell/shortcuts.ts';
import type { FilterFault } from './filter-faults.ts';
import { highlightFilter, type Token, type TokenKind } from './highlight.ts';
import { applySuggestion, type Suggestion, type ValueCounts } from './suggest.ts';
import { SuggestionList } from './suggestion-list.tsx';
import { useSuggestions } from './use-suggestions.ts';

const TOKEN_CLASS: Record<TokenKind, string | undefined> = {
  field: 'tk-f',
  operator: 'tk-o',
  value: 'tk-v',
  punctuation: 'tk-o',
  space: undefined,
};

type Props = {
  readonly input: RefObject<HTMLInputElement | null>;
  readonly text: string;
  readonly faults: readonly FilterFault[];
  readonly describedBy: string;
  readonly valueCounts: ValueCounts;
  readonly onType: (text: string) => void;
  readonly onRun: (text: string) => void;
  readonly onFormat: () => void;
};

/**
 * Filter input: coloured tokens behind transparent text, faulty ones underlined, suggestions at the caret.
 * Enter runs, Alt Shift F formats.
 */
export function QueryInput(props: Props) {
  const { input, text, faults, describedBy, valueCounts, onType, onRun, onFormat } = props;
  const view = useRef<HTMLDivElement>(null);
  const listId = useId();
  const [caret, setCaret] = useState<number>();
  const list = useSuggestions(text, caret, valueCounts);
  useShortcuts({ '/': () => input.current?.focus() });

  const follow = (): void => {
    if (view.current !== null && input.current !== null) view.current.scrollLeft = input.current.scrollLeft;
  };
  useEffect(follow, [text]);

  const accept = (suggestion: Suggestion): void => {
    const next = applySuggestion(text, suggestion);
    onType(next.text);
    setCaret(next.caret);
    requestAnimationFrame(() => input.current?.setSelectionRange(next.caret, next.caret));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const chosen = list.active;
    if (list.open && event.key === 'ArrowDown') list.move(1);
    else if (list.open && event.key === 'ArrowUp') list.move(-1);
    else if (list.open && event.key === 'Escape') list.close();
    else if (list.open && (event.key === 'Tab' || event.key === 'Enter') && chosen !== undefined)
      accept(chosen);
    else if (event.key === 'Enter') {
      list.close();
      onRun(text);
    } else if (event.key === ' ' && event.ctrlKey) list.show();
    // By place, not by letter: with Alt some layouts type another one.
    else if (event.code === 'KeyF' && event.altKey && event.shiftKey) onFormat();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onPaste = (event: ClipboardEvent<HTMLInputElement>): void => {
    // A one-line input drops line breaks; in a filter they are blanks between words.
    const pasted = event.clipboardData.getData('text');
    if (!/[\r\n]/.test(pasted)) return;
    event.preventDefault();
    const { selectionStart, selectionEnd } = event.currentTarget;
    const from = selectionStart ?? text.length;
    const flat = pasted.replace(/\s*[\r\n]+\s*/g, ' ');
    onType(text.slice(0, from) + flat + text.slice(selectionEnd ?? from));
  };

  return (
    <div className="qy">
      <Search className="i" aria-hidden="true" />
      <span className="qin">
        <div ref={view} className="qin-v" aria-hidden="true">
          {highlightFilter(text).map((token) => (
            <span
              key={token.start}
              className={clsx(TOKEN_CLASS[token.kind], isFaulty(token, faults) && 'tk-bad')}
            >
              {token.text}
            </span>
          ))}
          {faults.some(({ span }) => span !== undefined && span.from >= text.length) ? (
            <span className="tk-bad"> </span>
          ) : null}
        </div>
        <input
          ref={input}
          type="text"
          role="combobox"
          aria-label="Filter query"
          aria-autocomplete="list"
          aria-expanded={list.open}
          aria-controls={listId}
          {...(list.open && list.activeIndex >= 0
            ? { 'aria-activedescendant': `${listId}-${list.activeIndex}` }
            : {})}
          aria-invalid={faults.length > 0 || undefined}
          aria-describedby={describedBy}
          autoComplete="off"
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          maxLength={8_192}
          placeholder="proc.name=cat and fd.name startswith /etc"
          value={text}
          onChange={(event) => {
            setCaret(event.currentTarget.selectionStart ?? event.currentTarget.value.length);
            list.show();
            onType(event.currentTarget.value);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? undefined)}
          onScroll={follow}
          onBlur={list.close}
          onPaste={onPaste}
          onKeyDown={onKeyDown}
        />
      </span>
      {text.trim() === '' ? null : (
        <button
          type="button"
          className="fmt"
          aria-label="Format query"
          aria-keyshortcuts="Alt+Shift+F"
          title="Format query (Alt Shift F)"
          disabled={faults.length > 0}
          onClick={onFormat}
        >
          <AlignLeft className="i sm" aria-hidden="true" />
        </button>
      )}
      <kbd>/</kbd>
      {list.open ? (
        <SuggestionList
          id={listId}
          suggestions={list.suggestions}
          activeIndex={list.activeIndex}
          onPick={accept}
        />
      ) : null}
    </div>
  );
}

/** A token that a fault is about, or that an empty fault stands in. */
function isFaulty({ start, text }: Token, faults: readonly FilterFault[]): boolean {
  return faults.some(({ span }) => span !== undefined && start < span.to && start + text.length > span.from);
}
