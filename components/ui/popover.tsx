'use client';

import * as Primitive from 'radix-ui/popover';
import type { ReactNode } from 'react';
import { mainLandmark } from './main-landmark.ts';

/** Anchored, non-modal panel for forms that are too large for a menu. */
export function Popover({
  trigger,
  label,
  open,
  onOpenChange,
  children,
}: {
  readonly trigger: ReactNode;
  readonly label: string;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly children: ReactNode;
}) {
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>
      <Primitive.Portal container={mainLandmark()}>
        <Primitive.Content
          className="pop"
          aria-label={label}
          align="start"
          sideOffset={4}
          collisionPadding={8}
        >
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
