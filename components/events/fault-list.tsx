import { SeverityShape } from '../ui/severity.tsx';
import type { FilterFault } from './filter-faults.ts';

/** Places named behind the first fault; the underlines show the rest. */
const OTHERS_MAX = 4;

type Props = {
  readonly faults: readonly FilterFault[];
  /** Shows the text that a fault is about. */
  readonly onShow: (span: { readonly from: number; readonly to: number }) => void;
};

/** What is wrong with the query: place and message of the first fault, and where the others are. */
export function FaultList({ faults, onShow }: Props) {
  const [first, ...others] = faults;
  if (first === undefined) return null;
  const more = others.length - OTHERS_MAX;
  return (
    <span className="fx">
      <SeverityShape priority={3} label />
      <span>
        <Place fault={first} onShow={onShow} word="Line" />
        {first.column === undefined ? '' : ': '}
        {first.message}
        {others.length > 0 ? <span className="muted"> Also </span> : null}
        {others.slice(0, OTHERS_MAX).map((fault, i) => (
          <span key={`${fault.line}:${fault.column}`}>
            {i > 0 ? ', ' : ''}
            <Place fault={fault} onShow={onShow} word="line" />
          </span>
        ))}
        {more > 0 ? <span className="muted"> and {more} more</span> : null}
      </span>
    </span>
  );
}

function Place(props: {
  readonly fault: FilterFault;
  readonly onShow: Props['onShow'];
  readonly word: 'Line' | 'line';
}) {
  const { fault, onShow, word } = props;
  const { line, column, message, span } = fault;
  if (column === undefined) return null;
  const place = `${word} ${line ?? 1}, column ${column}`;
  if (span === undefined) return <b>{place}</b>;
  return (
    <button type="button" className="lk" title={message} onClick={() => onShow(span)}>
      {place}
    </button>
  );
}
