'use client';

import clsx from 'clsx';
import { type ComponentProps, useId } from 'react';
import { SeverityShape } from './severity.tsx';

type FieldText = {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
};

/** Labelled input; the error stands below and is tied to the input. */
export function TextField({ label, hint, error, className, ...rest }: FieldText & ComponentProps<'input'>) {
  const id = useId();
  return (
    <span className="fld">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className={clsx('inp', className)}
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={hint === undefined && error === undefined ? undefined : `${id}-note`}
        {...rest}
      />
      <Note id={`${id}-note`} hint={hint} error={error} />
    </span>
  );
}

export function SelectField({
  label,
  hint,
  error,
  className,
  children,
  ...rest
}: FieldText & ComponentProps<'select'>) {
  const id = useId();
  return (
    <span className="fld">
      <label htmlFor={id}>{label}</label>
      <select id={id} className={clsx('inp', className)} {...rest}>
        {children}
      </select>
      <Note id={`${id}-note`} hint={hint} error={error} />
    </span>
  );
}

function Note({
  id,
  hint,
  error,
}: {
  readonly id: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
}) {
  if (error !== undefined) {
    return (
      <span id={id} className="err" role="alert">
        <SeverityShape priority={3} label />
        {error}
      </span>
    );
  }
  return hint === undefined ? null : (
    <span id={id} className="muted">
      {hint}
    </span>
  );
}
