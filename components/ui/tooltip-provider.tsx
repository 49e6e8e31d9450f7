'use client';

import * as Primitive from 'radix-ui/tooltip';
import type { ReactNode } from 'react';

/** One delay for all tooltips; `Time` needs it around itself. */
export function TooltipProvider({ children }: { readonly children: ReactNode }) {
  return <Primitive.Provider delayDuration={300}>{children}</Primitive.Provider>;
}
