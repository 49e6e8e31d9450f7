import { CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { CommandPreview } from '../../core/wire/commands.ts';
import { SeverityShape } from '../ui/severity.tsx';

/** Effect, limits, what is read, checks, undo: in the order in which a decision needs them. */
export function CommandPreviewBody(props: {
  readonly preview: CommandPreview;
  readonly checking: boolean;
  /** What the user can set. */
  readonly children: ReactNode;
}) {
  const { preview, checking } = props;
  return (
    <div aria-busy={checking || undefined}>
      <div className="sec">
        <p>{preview.effect}</p>
        <ul className="chk">
          {preview.warnings.map((warning) => (
            <li key={warning}>
              <SeverityShape priority={4} label />
              <span>{warning}</span>
            </li>
          ))}
        </ul>
      </div>
      <section className="sec">
        <h3>Where and how much</h3>
        <div className="br">
          {preview.facts.map(({ label, value }) => (
            <div key={label}>
              <b className="el" title={value}>
                {value}
              </b>
              {label}
            </div>
          ))}
        </div>
      </section>
      {preview.reads.length > 0 ? (
        <section className="sec">
          <h3>Reads on the node</h3>
          <ul className="small t2 cmd-reads">
            {preview.reads.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </section>
      ) : null}
      <section className="sec">
        <h3>Checks {checking ? <span className="ct">running</span> : null}</h3>
        <ul className="chk">
          {preview.checks.map((check) => (
            <li key={check.name}>
              {check.state === 'pass' ? (
                <CircleCheck className="i" role="img" aria-label="Passed" />
              ) : (
                <SeverityShape priority={check.state === 'warn' ? 4 : 3} label />
              )}
              <span>
                {check.name}
                <span className="t2">: {check.detail}</span>
              </span>
              <span className="muted">{check.by}</span>
            </li>
          ))}
        </ul>
      </section>
      <section className="sec">
        <h3>Undo</h3>
        <p className="t2 small">{preview.undo}</p>
      </section>
      {props.children}
    </div>
  );
}
