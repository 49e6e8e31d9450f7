'use client';

import { Check, Link as LinkIcon, Play } from 'lucide-react';
import { useId, useMemo, useRef, useState } from 'react';
import { formatFilter } from '../../core/filter/format.ts';
import { Button } from '../ui/button.tsx';
import { count } from '../ui/format.ts';
import { FaultList } from './fault-list.tsx';
import { type FilterFault, filterFaults } from './filter-faults.ts';
import { QueryInput } from './query-input.tsx';
import { useRecentQueries } from './recent-queries.ts';
import type { ValueCounts } from './suggest.ts';

type Props = {
  /** Text to start from; a new revision replaces what was typed. */
  readonly start: { readonly text: string; readonly revision: number };
  readonly applied: string;
  /** Faults that the server found in the query in force. */
  readonly refused: readonly FilterFault[] | undefined;
  readonly result: { readonly total: number; readonly more: boolean; readonly tookMs: number } | undefined;
  readonly valueCounts: ValueCounts;
  readonly onType: (text: string) => void;
  readonly onRun: (text: string) => void;
  /** Address of this view with absolute time. */
  readonly frozenHref: () => string;
};

/** Query input, Run, Copy link, recent queries, and one line on the query's state. */
export function QueryBar(props: Props) {
  const { start, applied } = props;
  const [typed, setTyped] = useState(start);
  if (typed.revision !== start.revision) setTyped(start);
  const { text } = typed;
  const noteId = useId();
  const [recent, addRecent] = useRecentQueries();
  const faults = useMemo(() => filterFaults(text), [text]);
  const shown = faults.length > 0 ? faults : text === applied ? (props.refused ?? []) : [];
  const input = useRef<HTMLInputElement>(null);
  const type = (next: string): void => {
    setTyped({ text: next, revision: start.revision });
    props.onType(next);
  };
  const format = (): void => {
    // The input has one line, so the text stays on one.
    const formatted = formatFilter(text, { width: Number.POSITIVE_INFINITY });
    if (formatted !== undefined && formatted !== text) type(formatted);
  };
  const run = (query: string): void => {
    if (filterFaults(query).length > 0) return;
    addRecent(query);
    props.onRun(query);
  };
  return (
    <>
      <div className="qb">
        <QueryInput
          input={input}
          text={text}
          faults={shown}
          describedBy={noteId}
          valueCounts={props.valueCounts}
          onType={type}
          onRun={run}
          onFormat={format}
        />
        <Button look="primary" onClick={() => run(text)} disabled={faults.length > 0}>
          <Play className="i sm" aria-hidden="true" />
          Run <kbd>↵</kbd>
        </Button>
        <CopyLink frozenHref={props.frozenHref} />
      </div>
      <div className="qs">
        <div id={noteId} className="qnote" aria-live="polite">
          {shown.length > 0 ? (
            <FaultList
              faults={shown}
              onShow={({ from, to }) => {
                input.current?.focus();
                input.current?.setSelectionRange(from, to);
              }}
            />
          ) : (
            <Result text={text} applied={applied} result={props.result} />
          )}
        </div>
        {shown.length === 0 && recent.length > 0 ? (
          <>
            <span className="muted nw">Recent</span>
            {recent.slice(0, 5).map((query) => (
              <button key={query} type="button" className="chip" title={query} onClick={() => run(query)}>
                <code className="el">{query}</code>
              </button>
            ))}
          </>
        ) : null}
      </div>
    </>
  );
}

function Result({ text, applied, result }: Pick<Props, 'applied' | 'result'> & { readonly text: string }) {
  if (text !== applied) return <span className="muted nw">Valid. Press Enter to run</span>;
  if (result === undefined) return null;
  return (
    <span className="muted nw">
      {applied === '' ? '' : 'Valid · '}
      {result.more ? 'more than ' : ''}
      {count(result.total)} {result.total === 1 ? 'event' : 'events'} in {count(Math.round(result.tookMs))} ms
    </span>
  );
}

function CopyLink({ frozenHref }: { readonly frozenHref: () => string }) {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard.writeText(frozenHref()).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), 2_000);
      },
      () => setCopied(false),
    );
  };
  return (
    <Button className="hide-s" onClick={copy} title="Copies this view with absolute times (Y)">
      {copied ? (
        <Check className="i sm" aria-hidden="true" />
      ) : (
        <LinkIcon className="i sm" aria-hidden="true" />
      )}
      <span aria-live="polite">{copied ? 'Copied' : 'Copy link'}</span>
    </Button>
  );
}
