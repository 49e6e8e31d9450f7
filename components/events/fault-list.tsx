import { SeverityShape } from '../ui/severity.tsx';
import type { FilterFault } from './filter-faults.ts';

const SHOWN = 3;

type Props = {
  readonly faults: readonly FilterFault[];
  /** Shows the text that a fault is about. */
  readonly onShow: (span: { readonly from: number; readonly to: number }) => void;
};

/** What is wrong with the query: place and message of the first faults, and how many more there are. */
export function FaultList({ faults, onShow }: Props) {
  const more = faults.length - SHOWN;
  return (
    <span className="fx">
      <SeverityShape priority={3} label />
      <span className="flts">
        {faults.slice(0, SHOWN).map((fault) => (
          <Fault key={`${fault.line}:${fault.column} ${fault.message}`} fault={fault} onShow={onShow} />
        ))}
        {more > 0 ? <span className="muted">and {more} more</span> : null}
      </span>
    </span>
  );
}

function Fault({ fault, onShow }: { readonly fault: FilterFault; readonly onShow: Props['onShow'] }) {
  const { line, column, message, span } = fault;
  const place = column === undefined ? null : `Line ${line ?? 1}, column ${column}`;
  return (
    <span>
      {place === null ? null : span === undefined ? (
        <b>{place}: </b>
      ) : (
        <>
          <button type="button" className="lk" onClick={() => onShow(span)}>
            {place}
          </button>
          {': '}
        </>
      )}
      {message}
    </span>
  );
}
