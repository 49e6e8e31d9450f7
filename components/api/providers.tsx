'use client';

import { QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ToastProvider } from '../ui/toast.tsx';
import { TooltipProvider } from '../ui/tooltip-provider.tsx';
import { createQueryClient } from './query-client.ts';

/** Client-side context of every page; a lost login leads to the login page and back. */
export function Providers({ nonce, children }: { readonly nonce: string; readonly children: ReactNode }) {
  const [client] = useState(() => {
    // radix-ui injects one style element while a dialog locks scrolling and takes its nonce from here.
    Reflect.set(globalThis, '__webpack_nonce__', nonce);
    return createQueryClient({ onUnauthenticated: toLogin });
  });
  return (
    <QueryClientProvider client={client}>
      <TooltipProvider>
        <ToastProvider>{children}</ToastProvider>
      </TooltipProvider>
    </QueryClientProvider>
  );
}

function toLogin(): void {
  const { pathname, search } = window.location;
  if (pathname === '/login' || pathname === '/setup') return;
  window.location.assign(`/login?next=${encodeURIComponent(pathname + search)}`);
}
