'use client';

import { Search } from 'lucide-react';
import { type ClipboardEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useShortcuts } from '../shell/shortcuts.ts';
import { highlightFilter, type TokenKind } from './highlight.ts';
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
  readonly text: string;
  readonly invalid: boolean;
  readonly describedBy: string;
  readonly valueCounts: ValueCounts;
  readonly onType: (text: string) => void;
  readonly onRun: (text: string) => void;
};

/** Filter input: coloured tokens behind transparent text, suggestions at the caret, Enter runs. */
export function QueryInput({ text, invalid, describedBy, valueCounts, onType, onRun }: Props) {
  const input = useRef<HTMLInputElement>(null);
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
            <span key={token.start} className={TOKEN_CLASS[token.kind]}>
              {token.text}
            </span>
          ))}
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
          aria-invalid={invalid || undefined}
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
