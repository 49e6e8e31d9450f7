import clsx from 'clsx';
import Link from 'next/link';
import type { ComponentProps, ReactNode } from 'react';

type Look = {
  /** primary = the one main action; quiet = no border; danger = irreversible only. */
  readonly look?: 'primary' | 'quiet' | 'danger';
  readonly small?: boolean;
};

const classes = (look: Look['look'], small: boolean | undefined, extra: string | undefined) =>
  clsx(
    'btn',
    look === 'primary' && 'p',
    look === 'quiet' && 'q',
    look === 'danger' && 'd',
    small && 's',
    extra,
  );

export function Button({ look, small, className, ...rest }: Look & ComponentProps<'button'>) {
  return <button type="button" className={classes(look, small, className)} {...rest} />;
}

export function LinkButton({ look, small, className, ...rest }: Look & ComponentProps<typeof Link>) {
  return <Link prefetch={false} className={classes(look, small, className)} {...rest} />;
}

/** Keeps a refused button focusable, so that its reason can be read (UI rule "No access"). */
export function RefusedButton({
  small,
  reason,
  children,
}: {
  readonly small?: boolean;
  readonly reason: string;
  readonly children: ReactNode;
}) {
  return (
    <button
      type="button"
      className={classes(undefined, small, undefined)}
      aria-disabled="true"
      title={reason}
    >
      {children}
      <span className="vh">, {reason}</span>
    </button>
  );
}

/** Square button with an icon only; the label is read and shown on hover. */
export function IconButton({
  label,
  className,
  ...rest
}: { readonly label: string } & ComponentProps<'button'>) {
  return (
    <button type="button" className={clsx('ib', className)} aria-label={label} title={label} {...rest} />
  );
}
