'use client';

import { Search, SunMoon } from 'lucide-react';
import dynamic from 'next/dynamic';
import { IconButton } from '../ui/button.tsx';
import { AgentHealth } from './agent-health.tsx';
import { ClusterMenu } from './cluster-menu.tsx';
import { LiveToggle } from './live-toggle.tsx';
import { NamespaceFilter } from './namespace-filter.tsx';
import { toggleTheme } from './theme.ts';
import { TimePicker } from './time-picker.tsx';

// The menu machinery is not needed for the first paint.
const AccountMenu = dynamic(() => import('./account-menu.tsx').then((module) => module.AccountMenu), {
  ssr: false,
  loading: () => <span className="av" aria-hidden="true" />,
});

/** Cluster, namespace, time, live, search, agents, theme, account: the order is fixed. */
export function GlobalBar({ onSearch }: { readonly onSearch: () => void }) {
  return (
    <header className="bar">
      <ClusterMenu />
      <NamespaceFilter />
      <TimePicker />
      <LiveToggle />
      <span className="grow" />
      <button type="button" className="srch" title="Search or run a command" onClick={onSearch}>
        <Search className="i" aria-hidden="true" />
        <span>Search or run a command</span>
        <kbd>⌘ K</kbd>
      </button>
      <AgentHealth />
      <IconButton className="theme" label="Switch theme (⇧ D)" onClick={toggleTheme}>
        <SunMoon className="i" aria-hidden="true" />
      </IconButton>
      <AccountMenu />
    </header>
  );
}
