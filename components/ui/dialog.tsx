'use client';

import { X } from 'lucide-react';
import * as Primitive from 'radix-ui/dialog';
import { type ReactNode, type RefObject, useState } from 'react';
import { IconButton } from './button.tsx';

export type DialogProps = {
  readonly title: ReactNode;
  readonly description?: ReactNode;
  readonly open: boolean;
  readonly onClose: () => void;
  /** Buttons; stays visible while the body scrolls. */
  readonly footer?: ReactNode;
  /** Gets the first focus; Cancel in dialogs that change something. */
  readonly initialFocus?: RefObject<HTMLElement | null>;
  readonly children: ReactNode;
};

let lastOpener: HTMLElement | null = null;

/** The element outside of all dialogs that had the focus last: one dialog may follow another, as progress a preview. */
function whatHadTheFocus(): HTMLElement | null {
  const now = document.activeElement;
  if (now instanceof HTMLElement && now !== document.body && now.closest('[role="dialog"]') === null)
    lastOpener = now;
  return lastOpener;
}

/** Right sheet (bottom sheet on phones): focus trapped, Esc closes, focus returns to the opener. */
export function DialogSheet(props: DialogProps) {
  return (
    <Primitive.Root open={props.open} onOpenChange={(open) => (open ? undefined : props.onClose())}>
      <Primitive.Portal>
        <Primitive.Overlay className="scrim ov-in">
          <Content {...props} className="dlg" />
        </Primitive.Overlay>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

/** Centred box for short content: help, forms, a secret that is shown once. */
export function DialogBox(props: DialogProps) {
  return (
    <Primitive.Root open={props.open} onOpenChange={(open) => (open ? undefined : props.onClose())}>
      <Primitive.Portal>
        <Primitive.Overlay className="scrim mid-box ov-in">
          <Content {...props} className="dlg box" />
        </Primitive.Overlay>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

function Content({
  title,
  description,
  footer,
  initialFocus,
  children,
  className,
}: DialogProps & { readonly className: string }) {
  const [opener] = useState(whatHadTheFocus);
  return (
    <Primitive.Content
      className={className}
      {...(description === undefined ? { 'aria-describedby': undefined } : {})}
      onOpenAutoFocus={(event) => {
        if (!initialFocus?.current) return;
        event.preventDefault();
        initialFocus.current.focus();
      }}
      onCloseAutoFocus={(event) => {
        // Dialogs open from the URL and have no trigger that the focus could go back to by itself.
        event.preventDefault();
        (opener?.isConnected ? opener : document.getElementById('main'))?.focus();
      }}
    >
      <header>
        <Primitive.Title>{title}</Primitive.Title>
        <Primitive.Close asChild>
          <IconButton label="Close">
            <X className="i" />
          </IconButton>
        </Primitive.Close>
        {description === undefined ? null : (
          <Primitive.Description className="t2">{description}</Primitive.Description>
        )}
      </header>
      <div className="body">{children}</div>
      {footer === undefined ? null : <footer>{footer}</footer>}
    </Primitive.Content>
  );
}
