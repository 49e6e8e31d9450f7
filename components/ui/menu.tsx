'use client';

import * as Primitive from 'radix-ui/dropdown-menu';
import type { ReactNode } from 'react';
import { mainLandmark } from './main-landmark.ts';

/** Button menu with arrow-key movement, type-ahead and focus return. */
export function Menu({
  trigger,
  children,
  align = 'start',
}: {
  readonly trigger: ReactNode;
  readonly children: ReactNode;
  readonly align?: 'start' | 'end';
}) {
  return (
    <Primitive.Root modal={false}>
      <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>
      <Primitive.Portal container={mainLandmark()}>
        <Primitive.Content className="pop" align={align} sideOffset={4} collisionPadding={8}>
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

export function MenuItem({
  icon,
  hint,
  detail,
  disabled,
  onSelect,
  children,
}: {
  readonly icon?: ReactNode;
  readonly hint?: ReactNode;
  /** Second line under the label. */
  readonly detail?: ReactNode;
  readonly disabled?: boolean;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}) {
  return (
    <Primitive.Item disabled={disabled ?? false} onSelect={onSelect}>
      <span>{icon}</span>
      <span>
        {children}
        {detail === undefined ? null : <span className="me">{detail}</span>}
      </span>
      <span className="muted">{hint}</span>
    </Primitive.Item>
  );
}

export function MenuHeading({ children }: { readonly children: ReactNode }) {
  return <Primitive.Label className="hd1">{children}</Primitive.Label>;
}
