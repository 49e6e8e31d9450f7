import { bytes as text } from '../ui/format.ts';
import { SeverityShape } from '../ui/severity.tsx';

const FULL_SOON = 0.5;

/** How much of the spool waits to be sent. */
export function SpoolBar({ bytes, max }: { readonly bytes: number; readonly max: number }) {
  const share = max > 0 ? Math.min(1, bytes / max) : 0;
  return (
    <span
      className="row-gap"
      title={`${bytes.toLocaleString('en-US')} of ${max.toLocaleString('en-US')} bytes`}
    >
      <span className="meter" aria-hidden="true">
        <i style={{ width: `${share * 100}%` }} />
      </span>
      {share > FULL_SOON ? <SeverityShape priority={4} label /> : null}
      <span className="num">
        {text(bytes)} <span className="muted">of {text(max)}</span>
      </span>
    </span>
  );
}
