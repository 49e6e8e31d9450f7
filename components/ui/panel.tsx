import clsx from 'clsx';
import { type ReactNode, useId } from 'react';

export type PanelProps = {
  readonly title: string;
  /** Quiet text after the title: a total, a unit. */
  readonly detail?: ReactNode;
  /** Right side of the head: legend, switch, link. */
  readonly aside?: ReactNode;
  /** Old data stays while a refresh runs; only this line shows it. */
  readonly refreshing?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
};

/** A titled surface; its states come from `QueryPanel` or `PanelMessage`. */
export function Panel({ title, detail, aside, refreshing, className, children }: PanelProps) {
  const id = useId();
  return (
    <section className={clsx('pn', className)} aria-labelledby={id} aria-busy={refreshing || undefined}>
      {refreshing ? <span className="busy" aria-hidden="true" /> : null}
      <div className="ph">
        <h2 id={id}>
          {title} {detail === undefined ? null : <span className="ct">{detail}</span>}
        </h2>
        <span className="grow" />
        {aside}
      </div>
      {children}
    </section>
  );
}
