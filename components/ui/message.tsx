import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { clockUtc } from './format.ts';
import { SeverityShape } from './severity.tsx';

/** One sentence that names the filter, and at most one action. */
export function EmptyState({
  children,
  action,
}: {
  readonly children: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className="say">
      <p>{children}</p>
      {action}
    </div>
  );
}

/** What failed, the request id to look up in the log, and a retry; stays inside its panel. */
export function ErrorState({
  what,
  message,
  requestId,
  onRetry,
}: {
  readonly what: string;
  readonly message: string;
  readonly requestId?: string | undefined;
  readonly onRetry?: (() => void) | undefined;
}) {
  return (
    <div className="say" role="alert">
      <p>
        <SeverityShape priority={3} label />
        <span>
          {what} could not be loaded. {message}
          {requestId === undefined ? null : (
            <span className="muted">
              {' '}
              Request <code>{requestId}</code>
            </span>
          )}
        </span>
      </p>
      {onRetry ? (
        <Button small onClick={onRetry}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}

export function NoPermission({ need, what }: { readonly need: string; readonly what: string }) {
  return (
    <div className="say">
      <p>
        <span>
          You need the role <b>{need}</b> to see {what}. An administrator can grant it in Settings.
        </span>
      </p>
    </div>
  );
}

/** Head note of a panel whose data is older than it claims to be. */
export function StaleNote({ since }: { readonly since: string }) {
  return (
    <span className="note">
      <SeverityShape priority={4} label />
      Data from {clockUtc(since)}
    </span>
  );
}

/** What refused a form, beside its submit button. */
export function FormError({
  message,
  requestId,
}: {
  readonly message: string;
  readonly requestId?: string | undefined;
}) {
  return (
    <p className="form-err" role="alert">
      <SeverityShape priority={3} label />
      <span>
        {message}
        {requestId === undefined ? null : <span className="muted"> Request {requestId}</span>}
      </span>
    </p>
  );
}
