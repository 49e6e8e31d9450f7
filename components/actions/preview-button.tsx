'use client';

import type { ReactNode } from 'react';
import { useUrlParams } from '../shell/url-params.ts';
import { Button, RefusedButton } from '../ui/button.tsx';
import { type ActionRequest, previewParams } from './action-url.ts';
import { useCanAct } from './use-can.ts';

/** Opens the preview of an action; refused with its reason where nothing could be previewed. */
export function PreviewButton(props: {
  readonly request: ActionRequest;
  readonly look?: 'primary';
  /** While refused the label says why in two words: "No access", "No cluster". */
  readonly labelWhenRefused?: boolean;
  readonly children: ReactNode;
}) {
  const { update } = useUrlParams();
  const can = useCanAct();
  if (!can.allowed) {
    return (
      <RefusedButton small reason={can.reason}>
        {props.labelWhenRefused ? can.label : props.children}
      </RefusedButton>
    );
  }
  return (
    <Button
      small
      {...(props.look === undefined ? {} : { look: props.look })}
      aria-haspopup="dialog"
      onClick={() => update(previewParams(props.request), 'push')}
    >
      {props.children}
    </Button>
  );
}
