import type { Suggestion } from './suggest.ts';

type Props = {
  readonly id: string;
  readonly suggestions: readonly Suggestion[];
  readonly activeIndex: number;
  readonly onPick: (suggestion: Suggestion) => void;
};

/** Popup of the query input; the input keeps the focus. */
export function SuggestionList({ id, suggestions, activeIndex, onPick }: Props) {
  return (
    <div className="pop sug" id={id} role="listbox" aria-label="Suggestions">
      {suggestions.map((suggestion, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the input handles the keys of the list
        <div
          key={`${suggestion.insert}-${suggestion.from}`}
          id={`${id}-${index}`}
          className="it"
          role="option"
          tabIndex={-1}
          aria-selected={index === activeIndex}
          ref={(node) => {
            if (index === activeIndex) node?.scrollIntoView({ block: 'nearest' });
          }}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onPick(suggestion)}
        >
          <code>{suggestion.label}</code>
          <span className="muted el">{suggestion.help}</span>
          <span className="muted nw">{suggestion.detail}</span>
        </div>
      ))}
    </div>
  );
}
