import { CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Preview } from '../../core/wire/actions.ts';
import { Copy } from '../ui/copy.tsx';
import { SeverityShape } from '../ui/severity.tsx';
import { Time } from '../ui/time.tsx';

/** Effect, blast radius, checks, undo, connections, diff: in the order in which a decision needs them. */
export function PreviewBody(props: {
  readonly preview: Preview;
  readonly checking: boolean;
  /** What the user can set, between the decision's facts and the details. */
  readonly children: ReactNode;
}) {
  const { preview, checking } = props;
  return (
    <div aria-busy={checking || undefined}>
      <div className="sec">
        <p>{preview.effect}</p>
      </div>
      <section className="sec">
        <h3>Blast radius</h3>
        <div className="br">
          {preview.blastRadius.map((one) => (
            <div key={one.label}>
              <b>{one.value}</b>
              {one.label}
            </div>
          ))}
        </div>
        <ul className="chk">
          {preview.warnings.map((warning) => (
            <li key={warning}>
              <SeverityShape priority={4} label />
              <span>{warning}</span>
            </li>
          ))}
        </ul>
      </section>
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
                {check.detail === '' ? '' : <span className="t2">: {check.detail}</span>}
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
      {preview.connections.length > 0 ? <Connections preview={preview} /> : null}
      <Changes preview={preview} />
    </div>
  );
}

function Connections({ preview }: { readonly preview: Preview }) {
  return (
    <section className="sec">
      <h3>
        Open connections <span className="ct">seen by the sensor, may outlive the policy</span>
      </h3>
      <ul className="small">
        {preview.connections.map((one) => (
          <li key={`${one.peer} ${one.process}`} className="mono">
            {one.peer} <span className="muted">{one.process ?? ''}</span>{' '}
            <span className="muted">
              last <Time iso={one.lastAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Changes({ preview }: { readonly preview: Preview }) {
  const yaml = preview.objects.flatMap((one) => (one.after === null ? [] : [one.after])).join('\n---\n');
  return (
    <section className="sec last">
      <h3>
        Changes <span className="ct">server dry-run diff</span>
        <span className="grow" />
        <Copy value={yaml} label="Copy YAML" />
      </h3>
      {preview.objects.length === 0 ? <p className="muted">Nothing would change.</p> : null}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll container needs a focus stop */}
      <div className="diff" tabIndex={0}>
        {preview.objects.map((object) => (
          <div key={`${object.kind} ${object.namespace} ${object.name}`} className="dobj">
            <span className="fn">{objectTitle(object)}</span>
            {object.diff.map((line, index) => (
              <div key={index} className={line.sign === '+' ? 'add' : line.sign === '-' ? 'del' : 'ctx'}>
                <span>{line.line}</span>
                <span>{line.sign === '-' ? '−' : line.sign}</span>
                <span>{line.text}</span>
              </div>
            ))}
          </div>
        ))}
      </div>
    </section>
  );
}

function objectTitle(object: Preview['objects'][number]): string {
  const name = object.namespace === null ? object.name : `${object.namespace}/${object.name}`;
  const what = object.before === null ? ', new' : object.after === null ? ', deleted' : '';
  return `${object.kind} ${name}${what}`;
}
