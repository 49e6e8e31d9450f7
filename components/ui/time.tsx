'use client';

import * as Primitive from 'radix-ui/tooltip';
import { clockUtc, dateTimeUtc, duration } from './format.ts';

/** A timestamp as `HH:MM:SS` UTC; hover and focus show date, UTC, local zone and age. */
export function Time({
  iso,
  ms,
  date,
}: {
  readonly iso: string;
  readonly ms?: boolean;
  readonly date?: boolean;
}) {
  return (
    <Primitive.Root>
      <Primitive.Trigger asChild>
        <time dateTime={iso}>{date ? dateTimeUtc(iso) : clockUtc(iso, ms)}</time>
      </Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content className="tip" sideOffset={6} collisionPadding={8}>
          <Details iso={iso} />
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

function Details({ iso }: { readonly iso: string }) {
  const when = new Date(iso);
  const local = when.toLocaleString('en-GB', { timeZoneName: 'short', hour12: false });
  return (
    <dl>
      <dt>UTC</dt>
      <dd>{when.toISOString().replace('T', ' ').replace('Z', '')}</dd>
      <dt>Local</dt>
      <dd>{local}</dd>
      <dt>Age</dt>
      <dd>{duration(Date.now() - when.getTime())}</dd>
    </dl>
  );
}
