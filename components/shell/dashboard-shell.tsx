'use client';

import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
import { type ReactNode, Suspense, useState } from 'react';
import { meQuery } from '../api/account-queries.ts';
import { StreamProvider, useSetPaused, useStreamPhase } from '../api/stream.tsx';
import { ChartPatterns } from '../ui/source.tsx';
import { useToast } from '../ui/toast.tsx';
import type { CommandEffects } from './commands.ts';
import { GlobalBar } from './global-bar.tsx';
import { PAGES, SETTINGS_PAGE } from './pages.ts';
import { Rail } from './rail.tsx';
import { ScopeClock, useScope } from './scope.tsx';
import { useShortcuts } from './shortcuts.ts';
import { toggleTheme } from './theme.ts';
import { patchParams } from './url-params.ts';
import { useSignOut } from './use-sign-out.ts';

// Loaded when they are first wanted, so that the first paint does not wait for them.
const KeysDialog = dynamic(() => import('./keys-dialog.tsx').then((module) => module.KeysDialog), {
  ssr: false,
});
const Palette = dynamic(() => import('./palette.tsx').then((module) => module.Palette), { ssr: false });
const ActionHost = dynamic(() => import('../actions/action-host.tsx').then((module) => module.ActionHost), {
  ssr: false,
});

const CommandHost = dynamic(
  () => import('../commands/command-host.tsx').then((module) => module.CommandHost),
  { ssr: false },
);

/** Frame of every page behind the login. `start` is the server's clock, so that both renders agree. */
export function DashboardShell({
  start,
  children,
}: {
  readonly start: string;
  readonly children: ReactNode;
}) {
  return (
    <StreamProvider>
      <Suspense>
        <ScopeClock start={start}>
          <Frame>{children}</Frame>
        </ScopeClock>
      </Suspense>
    </StreamProvider>
  );
}

function Frame({ children }: { readonly children: ReactNode }) {
  const [overlay, setOverlay] = useState<'palette' | 'keys' | undefined>(undefined);
  const close = () => setOverlay(undefined);
  const effects = useEffects(() => setOverlay('keys'));
  const pageKeys = [...PAGES, SETTINGS_PAGE].map(
    (page) => [`g ${page.key}`, () => effects.go(page.path)] as const,
  );
  useShortcuts({
    ...Object.fromEntries(pageKeys),
    'mod+k': () => setOverlay('palette'),
    '?': effects.showKeys,
    space: effects.togglePause,
    y: effects.copyLink,
    'shift+d': effects.toggleTheme,
  });
  return (
    <>
      <EarlyMe />
      <a className="skip" href="#main">
        Skip to content
      </a>
      <ChartPatterns />
      <Rail onKeys={effects.showKeys} />
      <div className="app">
        <GlobalBar onSearch={() => setOverlay('palette')} />
        {children}
      </div>
      <ActionHost />
      <CommandHost />
      {overlay === 'palette' ? <Palette onClose={close} effects={effects} /> : null}
      {overlay === 'keys' ? <KeysDialog onClose={close} /> : null}
    </>
  );
}

/**
 * The role decides what every button says, so it is asked for before the panels take the browser's connections:
 * effects run in the order of the siblings, and not before the page agrees with the server's.
 */
function EarlyMe() {
  useQuery(meQuery());
  return null;
}

function useEffects(showKeys: () => void): CommandEffects {
  const router = useRouter();
  const toast = useToast();
  const signOut = useSignOut();
  const { href, setRange, scope } = useScope();
  const phase = useStreamPhase();
  const setPaused = useSetPaused();
  return {
    go: (path) => router.push(href(path)),
    setRange,
    togglePause: () => setPaused(phase !== 'paused'),
    toggleTheme,
    showKeys,
    signOut,
    copyLink: () => {
      const frozen = patchParams(new URLSearchParams(window.location.search), {
        range: null,
        from: scope.from,
        to: scope.to,
      });
      const url = `${window.location.origin}${window.location.pathname}?${frozen}`;
      navigator.clipboard.writeText(url).then(
        () => toast({ title: 'Link copied', detail: 'Its time range is absolute.' }),
        () => toast({ title: 'The browser refused access to the clipboard' }),
      );
    },
  };
}
