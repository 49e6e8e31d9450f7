import type { EventDetail } from '../../core/wire/events.ts';
import { Copy } from '../ui/copy.tsx';

/** Longest text that is drawn; copying gives all of it. */
const DRAWN_MAX = 60_000;

/** The audit object as it came, or the stored record where the source has no object. */
export function RawJson({ detail }: { readonly detail: EventDetail }) {
  const source = detail.raw ?? { ...detail.row, output: detail.output, fields: detail.fields };
  const text = JSON.stringify(source, null, 2);
  const drawn = text.slice(0, DRAWN_MAX);
  return (
    <section className="sec last">
      <h3>
        {detail.raw == null ? 'Stored record' : 'Raw JSON'}
        <span className="grow" />
        <Copy value={text} label="Copy JSON" />
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll container needs a focus stop */}
      <pre className="json" tabIndex={0}>
        {keyed(drawn)}
        {text.length > DRAWN_MAX ? '\n… longer, copy to see all' : ''}
      </pre>
    </section>
  );
}

/** Keys in bold; strings stay text, so nothing in them is markup. */
function keyed(text: string) {
  return text
    .split(/("(?:[^"\\]|\\.)*"(?=:))/)
    .map((part, index) => (index % 2 === 1 ? <b key={`${index}-${part}`}>{part}</b> : part));
}
